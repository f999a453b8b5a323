import { describeFailure, kindOf } from '@headrace/consumer';
import type { DurableCommand, SentCommand } from '@headrace/event-store';
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { BillingTables, OutboxTable } from '../database/tables.ts';

/** Commands sent at once. */
const BATCH_SIZE = 20;
/** A command that the store refuses is tried again after 1, 2, 4, … s, at most an hour. */
const LONGEST_RETRY_S = 3_600;

type Waiting = Selectable<OutboxTable>;

export interface CommandSender {
  readonly db: Kysely<BillingTables>;
  /** Sends a command once for each key, however often it is called. */
  readonly send: (command: DurableCommand) => Promise<SentCommand>;
  /** Told of commands that the store refuses; they stay in the outbox and are tried again. */
  readonly onRefused: (key: string, error: unknown) => void;
}

/**
 * Sends what waits in the outbox, oldest first; true when a whole batch was sent, so that more may wait. Rows stay
 * locked until they are marked, and other instances pass over them. A process that dies between sending and
 * marking sends again, under the same key: that is the same command.
 * @throws when Redis cannot be reached, after marking what was sent
 */
export async function sendCommands({ db, send, onRefused }: CommandSender): Promise<boolean> {
  const outcome = await db.transaction().execute(async (tx) => {
    const waiting = await lockWaiting(tx);
    const results = await Promise.allSettled(waiting.map((row) => send(commandOf(row))));
    let unavailable: { readonly error: unknown } | undefined;
    for (const [index, row] of waiting.entries()) {
      const result = results[index];
      if (result?.status === 'fulfilled') await markSent(tx, row, result.value);
      else if (kindOf(result?.reason) !== 'poison') unavailable = { error: result?.reason };
      else {
        await markRefused(tx, row, result?.reason);
        onRefused(row.key, result?.reason);
      }
    }
    return { full: waiting.length === BATCH_SIZE, unavailable };
  });
  // Thrown only now: what did arrive is marked.
  if (outcome.unavailable !== undefined) throw outcome.unavailable.error;
  return outcome.full;
}

function lockWaiting(tx: Transaction<BillingTables>): Promise<readonly Waiting[]> {
  return tx
    .selectFrom('outbox')
    .selectAll()
    .where('sent_at', 'is', null)
    .where((row) =>
      row.or([row('next_attempt_at', 'is', null), row('next_attempt_at', '<=', sql<Date>`now()`)]),
    )
    .orderBy('id')
    .limit(BATCH_SIZE)
    .forUpdate()
    .skipLocked()
    .execute();
}

function commandOf({ key, type, category, stream, data, meta }: Waiting): DurableCommand {
  return { key, type, category, stream, data, meta };
}

async function markSent(tx: Transaction<BillingTables>, row: Waiting, sent: SentCommand): Promise<void> {
  await tx
    .updateTable('outbox')
    .set({ sent_at: sql`now()`, command_id: sent.commandId, attempts: row.attempts + 1, last_error: null })
    .where('id', '=', row.id)
    .execute();
}

async function markRefused(tx: Transaction<BillingTables>, row: Waiting, error: unknown): Promise<void> {
  const waitS = Math.min(2 ** row.attempts, LONGEST_RETRY_S);
  await tx
    .updateTable('outbox')
    .set({
      attempts: row.attempts + 1,
      next_attempt_at: sql`now() + make_interval(secs => ${waitS})`,
      last_error: describeFailure(error),
    })
    .where('id', '=', row.id)
    .execute();
}
