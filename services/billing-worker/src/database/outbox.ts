import type { Transaction } from 'kysely';
import type { OutgoingCommand } from '../domain/commands.ts';
import type { BillingTables } from './tables.ts';

/**
 * Puts commands into the outbox, to be sent once the transaction is committed; one whose key is there already is
 * left out.
 */
export async function enqueueCommands(
  tx: Transaction<BillingTables>,
  commands: readonly OutgoingCommand[],
): Promise<void> {
  if (commands.length === 0) return;
  await tx
    .insertInto('outbox')
    .values(
      commands.map(({ key, category, stream, command, meta }) => ({
        key,
        type: command.type,
        category,
        stream,
        data: JSON.stringify(command.data),
        meta: JSON.stringify(meta),
      })),
    )
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
}
