import type { Kysely } from 'kysely';
import { enqueueCommands } from '../database/outbox.ts';
import type { BillingTables } from '../database/tables.ts';
import { cancelOverdue, type Overdue } from '../domain/commands.ts';

const BATCH_SIZE = 100;

/**
 * Puts the cancelling of orders whose payment deadline is over into the outbox, once for each; true when a whole
 * batch was found, so that more may be due. Several instances may run it at once. An order that was paid meanwhile,
 * or whose payment billing has not read yet, is not cancelled: the command yields to it.
 */
export async function cancelOverdueOrders(db: Kysely<BillingTables>, now: Date): Promise<boolean> {
  return await db.transaction().execute(async (tx) => {
    const rows = await tx
      .selectFrom('invoices')
      .select(['stream', 'due_at', 'issued_event_id', 'issued_position', 'correlation_id'])
      .where('status', '=', 'open')
      .where('cancel_requested_at', 'is', null)
      .where('due_at', '<=', now)
      .orderBy('due_at')
      .limit(BATCH_SIZE)
      .forUpdate()
      .skipLocked()
      .execute();
    if (rows.length === 0) return false;
    const overdue = rows.flatMap((row): Overdue[] =>
      row.due_at === null
        ? []
        : [
            {
              stream: row.stream,
              dueAt: row.due_at.toISOString(),
              issuedBy: { eventId: row.issued_event_id, position: row.issued_position },
              ...(row.correlation_id === null ? {} : { correlationId: row.correlation_id }),
            },
          ],
    );
    await enqueueCommands(tx, overdue.map(cancelOverdue));
    await tx
      .updateTable('invoices')
      .set({ cancel_requested_at: now.toISOString() })
      .where(
        'stream',
        'in',
        rows.map(({ stream }) => stream),
      )
      .execute();
    return rows.length === BATCH_SIZE;
  });
}
