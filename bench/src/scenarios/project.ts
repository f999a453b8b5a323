import { createTransactionalConsumer } from '@headrace/consumer';
import { createDatabase, createPostgresSink } from '@headrace/postgres';
import {
  column,
  defineProjection,
  type Projection,
  prepareProjections,
  projectionGroup,
  projectionHandler,
  withVersion,
} from '@headrace/projections';
import { sql } from 'kysely';
import type { Bench, Scenario } from '../harness/bench.ts';
import { type Contender, compare } from '../harness/compare.ts';
import { timed } from '../harness/load.ts';
import { fillLog, openBenchStore } from '../harness/store.ts';
import { unnestUpserts } from '../peers/unnest-upserts.ts';

const SCHEMA = 'bench_project';

const { text, bigint, timestamptz } = column;

/** A row for each stream, with what a read model of orders has. */
const rows = defineProjection({
  name: 'rows',
  version: 1,
  columns: { id: text, status: text, version: bigint, total: bigint, updated_at: timestamptz },
  key: 'id',
  events: [],
  on: {
    '*': {
      key: (event) => event.stream,
      evolve: (row, event) => ({
        id: event.stream,
        status: event.type,
        version: event.version,
        total: (row?.total ?? 0) + 883,
        updated_at: new Date(event.recordedAt),
      }),
    },
  },
});

/** Events into rows of PostgreSQL, each once. */
export const project: Scenario = {
  name: 'project',
  title: 'project into PostgreSQL, exactly once',
  run: async (bench) => {
    const total = bench.quick ? 10_000 : 50_000;
    const { measured } = await compare({
      contenders: [await headraceProjection(bench, total), unnestUpserts(bench.postgres.url, total)],
      rounds: bench.quick ? 1 : 5,
      say: bench.say,
    });
    const rate = measured[0]?.value.median ?? Number.NaN;
    return {
      rows: [
        {
          title: 'project into PostgreSQL, exactly once, one process',
          unit: 'events/s',
          measured,
          verdicts: [{ of: 'events/s', got: rate, wanted: { atLeast: 20_000 } }],
          note:
            'Streams of five events, a row each, 8 partitions; rows and checkpoint change in one transaction. The ' +
            'upsert only writes rows, and each of them once.',
        },
      ],
    };
  },
};

/** Another version of the projection in each round, so another table. */
async function headraceProjection(bench: Bench, total: number): Promise<Contender> {
  const store = await openBenchStore(bench);
  await fillLog(store, total);
  const database = createDatabase<unknown>({ url: bench.postgres.url, schema: SCHEMA, migrations: {} });
  await sql`drop schema if exists ${sql.id(SCHEMA)} cascade`.execute(database.db);
  await database.migrate();
  const sink = createPostgresSink(database);

  const run = async (projection: Projection<unknown>): Promise<void> => {
    const handler = projectionHandler<unknown, unknown>(projection);
    const { promise: allHandled, resolve, reject } = Promise.withResolvers<void>();
    let handled = 0;
    const consumer = createTransactionalConsumer({
      store,
      sink,
      group: projectionGroup(projection),
      instance: 'one',
      onError: reject,
      handler: {
        ...handler,
        handle: async (events, tx) => {
          await handler.handle(events, tx);
          handled += events.length;
          if (handled >= total) resolve();
        },
      },
    });
    consumer.start();
    await allHandled;
    // the last batches are committed
    await consumer.stop();
  };
  return {
    name: 'Headrace',
    run: async (round) => {
      const projection = withVersion<unknown>(rows as Projection<unknown>, round + 1);
      await prepareProjections(database, [projection]);
      return await timed(total, () => run(projection));
    },
    close: async () => {
      await sql`drop schema ${sql.id(SCHEMA)} cascade`.execute(database.db);
      await database.close();
      await store.close();
    },
  };
}
