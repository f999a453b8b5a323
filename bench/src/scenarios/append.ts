import { randomUUID } from 'node:crypto';
import type { NewEvent } from '@headrace/event-store';
import type { Bench, Scenario } from '../harness/bench.ts';
import { type Comparison, type Contender, compare } from '../harness/compare.ts';
import { keepInFlight } from '../harness/load.ts';
import { EVENT_TYPE, newStream, orderData } from '../harness/payload.ts';
import type { Row } from '../harness/results.ts';
import { openBenchStore } from '../harness/store.ts';
import { emmettAppends } from '../peers/emmett.ts';
import { nodeEventstoreAppends } from '../peers/node-eventstore.ts';
import { postgresInserts } from '../peers/postgres-inserts.ts';
import { bareLua, oneXadd, twoXadds } from '../peers/two-xadds.ts';

/** A batch that makes the bare script and the store do the same. */
const BATCH = 10;
/** Each append of node-eventstore scans all of its keys, so it begins each round with none. */
const NODE_EVENTSTORE_APPENDS = 1_000;

/** Appends of `batch` events that each create a stream: version-checked, with full metadata, on disk when answered. */
export async function headraceAppends(
  bench: Pick<Bench, 'redis'>,
  inFlight: number,
  total: number,
  batch = 1,
): Promise<Contender> {
  const store = await openBenchStore(bench);
  const eventsOf = (i: number): NewEvent[] =>
    Array.from({ length: batch }, (_, j) => ({ type: EVENT_TYPE, data: orderData(i * batch + j) }));
  return {
    name: 'Headrace',
    run: async () => {
      const sample = await keepInFlight(inFlight, total, (i) => {
        // As in a service: every request has a correlation id.
        const correlationId = randomUUID();
        return store.append(newStream(), eventsOf(i), { expectedVersion: 0, correlationId });
      });
      return { ...sample, operations: total * batch };
    },
    close: () => store.close(),
  };
}

/** Appends, beside those of the peers. */
export const append: Scenario = {
  name: 'append',
  title: 'append one event, or ten',
  run: async (bench) => ({
    rows: [
      await manyInFlight(bench),
      await oneInFlight(bench),
      await tenThousand(bench),
      await batches(bench),
    ],
  }),
};

/** All contenders that append one event at a time. */
async function singleAppends(bench: Bench, inFlight: number, total: number): Promise<Comparison> {
  const { redis, postgres, quick, say } = bench;
  return await compare({
    contenders: [
      await headraceAppends(bench, inFlight, total),
      twoXadds(redis.url, inFlight, total),
      oneXadd(redis.url, inFlight, total),
      await emmettAppends(postgres.url, inFlight, total / 10),
      await nodeEventstoreAppends(redis.url, inFlight, quick ? 200 : NODE_EVENTSTORE_APPENDS),
    ],
    rounds: quick ? 1 : 7,
    say,
  });
}

async function manyInFlight(bench: Bench): Promise<Row> {
  const { measured, atLeast } = await singleAppends(bench, 64, bench.quick ? 2_000 : 20_000);
  return {
    title: 'append one event, 64 in flight',
    unit: 'events/s',
    measured,
    verdicts: [atLeast(1, 'two XADDs'), atLeast(10, 'Emmett on PostgreSQL')],
  };
}

async function oneInFlight(bench: Bench): Promise<Row> {
  const { measured, atLeast } = await singleAppends(bench, 1, bench.quick ? 200 : 2_000);
  return {
    title: 'append one event, 1 in flight',
    unit: 'events/s',
    measured,
    verdicts: [atLeast(0.65, 'one bare XADD'), atLeast(20, 'node-eventstore on Redis')],
    note: 'One bare XADD, which checks and indexes nothing, is the ceiling of any append.',
  };
}

async function tenThousand(bench: Bench): Promise<Row> {
  const total = 10_000;
  const { measured, atLeast } = await compare({
    contenders: [
      await headraceAppends(bench, 1_000, total),
      postgresInserts(bench.postgres.url, 1, total / 10),
      { ...postgresInserts(bench.postgres.url, 64, total / 2), name: 'the same, 64 in flight' },
    ],
    rounds: bench.quick ? 1 : 5,
    say: bench.say,
  });
  const rate = measured[0]?.value.median ?? Number.NaN;
  return {
    title: 'append 10,000 events, as many in flight as is best',
    unit: 'events/s',
    measured,
    verdicts: [
      atLeast(10, 'PostgreSQL INSERTs'),
      { of: 's for 10,000', got: total / rate, wanted: { atMost: 1.2 } },
    ],
    note:
      'Headrace has 1,000 in flight, each append a call of its own. An INSERT each is one after the other; with as ' +
      'many in flight as is best they stand below.',
  };
}

async function batches(bench: Bench): Promise<Row> {
  const total = bench.quick ? 400 : 3_000;
  const { measured, atLeast } = await compare({
    contenders: [await headraceAppends(bench, 16, total, BATCH), bareLua(bench.redis.url, 16, total)],
    rounds: bench.quick ? 1 : 7,
    say: bench.say,
  });
  return {
    title: `append in batches of ${BATCH}, 16 in flight`,
    unit: 'events/s',
    measured,
    verdicts: [atLeast(0.8, 'bare Lua script')],
  };
}
