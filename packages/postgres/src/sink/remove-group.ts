import { sql, type Transaction } from 'kysely';
import { lockAllCheckpoints } from './checkpoints.ts';
import { unparkAll } from './parked-events.ts';

/** Removes checkpoints, dead letters and open requests of a group; finished requests are kept. */
export async function removeGroup<Tables>(tx: Transaction<Tables>, group: string): Promise<void> {
  await lockAllCheckpoints(tx, group);
  await unparkAll(tx, group);
  await sql`delete from consumer_requests where group_name = ${group} and finished_at is null`.execute(tx);
  await sql`delete from consumer_checkpoints where group_name = ${group}`.execute(tx);
}
