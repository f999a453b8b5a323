import { type EventEnvelope, entryIdOf } from '@headrace/event-schema';
import { createPostgresSink, type Database } from '@headrace/postgres';
import { sql } from 'kysely';
import { type Projection, projectionGroup, projectionHandler, projectionTable } from '../../src/index.ts';

/** Feeds a projection's version batch by batch, as the owner of a partition does. */
export interface Worker {
  apply(batch: readonly EventEnvelope[]): Promise<void>;
  /** As `apply`, but the batch's last event is parked in place of being handled. */
  park(event: EventEnvelope): Promise<void>;
}

export async function startWorker<Row>(
  database: Database<unknown>,
  definition: Projection<Row>,
  partition = 0,
): Promise<Worker> {
  const sink = createPostgresSink(database);
  const handler = projectionHandler<unknown, Row>(definition);
  const owner = { group: projectionGroup(definition), partition, epoch: 1 };
  const takeover = await sink.takeOver({ ...owner, instance: 'a', batchSize: 10 });
  if (takeover.status !== 'taken') throw new Error('somebody else owns the partition');
  let { checkpoint } = takeover;
  const after = (event: EventEnvelope, handled: number): typeof checkpoint => ({
    entryId: entryIdOf(event.position),
    stream: event.stream,
    version: event.version,
    handledEntries: checkpoint.handledEntries + handled,
  });
  return {
    apply: async (batch) => {
      const last = batch.at(-1);
      if (last === undefined) return;
      const to = after(last, batch.length);
      await sink.transact({ ...owner, from: checkpoint.entryId, to }, (tx) => handler.handle(batch, tx));
      checkpoint = to;
    },
    park: async (event) => {
      const to = after(event, 1);
      const parked = { stream: event.stream, entryId: entryIdOf(event.position), error: 'no', attempts: 3 };
      const park = [{ ...parked, cause: 'poison' as const, stack: null, instance: 'a', retryAt: null }];
      await sink.transact({ ...owner, from: checkpoint.entryId, to, park });
      checkpoint = to;
    },
  };
}

/** A version's rows by key, as the database has them. */
export async function rowsOf<Row>(
  database: Database<unknown>,
  definition: Projection<Row>,
): Promise<ReadonlyMap<string, Row>> {
  const { rows } = await sql<Row & Record<string, unknown>>`
    select * from ${sql.table(projectionTable(definition))}`.execute(database.db);
  return new Map(rows.map((row) => [String(row[definition.key]), row]));
}
