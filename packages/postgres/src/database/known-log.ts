import type { EventStore } from '@headrace/event-store';
import { sql } from 'kysely';
import type { Database } from './database.ts';

/**
 * Makes sure that the open log is the one that this schema's rows were made of, and remembers it the first time. A
 * Redis that has lost its data would else be taken for a new log: orders would begin anew beside old invoices.
 * @throws LogChangedError while it is another one that no operator has declared to replace the known one
 */
export async function recognizeLog<Tables>(
  { db }: Pick<Database<Tables>, 'db'>,
  store: Pick<EventStore, 'keys' | 'logId' | 'requireKnownLog'>,
): Promise<void> {
  const name = store.keys.meta;
  const opened = store.logId();
  if (opened === undefined) throw new Error('the store must be open');
  // changes nothing where one is known, and returns it
  const { rows } = await sql<{ id: string; since: Date }>`
    insert into known_logs as known (name, id) values (${name}, ${opened})
    on conflict (name) do update set id = known.id returning id, since`.execute(db);
  const [known] = rows;
  if (known === undefined || known.id === opened) return;
  const id = await store.requireKnownLog({ id: known.id, since: known.since.toISOString() });
  await sql`
    update known_logs set id = ${id}, since = now() where name = ${name} and id = ${known.id}`.execute(db);
}
