import { randomUUID } from 'node:crypto';
import { createEventConsumer } from '@headrace/consumer';
import type { EventStore } from '@headrace/event-store';
import type { Bench, Scenario } from '../harness/bench.ts';
import { keepInFlight, timed } from '../harness/load.ts';
import { EVENT_TYPE, newStream, orderData } from '../harness/payload.ts';
import type { Measured, Row, ScenarioResult, Verdict } from '../harness/results.ts';
import { median, spread } from '../harness/statistics.ts';
import { openBenchStore } from '../harness/store.ts';

const SIZES = [10_000, 100_000, 1_000_000, 5_000_000];
const QUICK_SIZES = [1_000, 10_000];
/** Events that each measurement is about. */
const SAMPLE = 10_000;
const ROUNDS = 5;

/** What an event costs in a log that gets longer and longer. */
export const growth: Scenario = {
  name: 'growth',
  title: 'append, read and consume as the log grows to 5 million events',
  onlyByName: true,
  run: async (bench) => {
    const store = await openBenchStore(bench);
    try {
      return await grow(bench, store);
    } finally {
      await store.close();
    }
  },
};

/** Microseconds an event, in each round. */
interface Costs {
  readonly size: number;
  readonly append: readonly number[];
  readonly read: readonly number[];
  readonly consume: readonly number[];
}

type Kind = 'append' | 'read' | 'consume';

async function grow(bench: Bench, store: EventStore): Promise<ScenarioResult> {
  // what is compiled while it is measured would make the first size the dearest
  await costsAt(store, 0);
  const all: Costs[] = [];
  let events = await store.totals().then((totals) => totals.events);
  for (const size of bench.quick ? QUICK_SIZES : SIZES) {
    await fill(store, Math.max(0, size - events));
    const costs = await costsAt(store, size);
    bench.say(`${size} events: ${(['append', 'read', 'consume'] as const).map((kind) => told(costs, kind))}`);
    all.push(costs);
    events = (await store.totals()).events;
  }
  const kinds = ['append', 'read', 'consume'] as const;
  return {
    rows: kinds.map((kind) => rowOf(all, kind)),
    charts: [
      {
        title: 'cost of an event against events in the log',
        x: { label: 'events', scale: 'log' },
        y: { label: 'µs an event', scale: 'linear' },
        series: kinds.map((kind) => ({
          name: kind,
          points: all.map((costs) => ({ x: costs.size, y: median(costs[kind]) })),
        })),
      },
    ],
  };
}

function rowOf(all: readonly Costs[], kind: Kind): Row {
  const [first] = all;
  const last = all.at(-1);
  const measured: Measured[] = all.map((costs) => ({
    name: `${costs.size.toLocaleString('en-US')} events`,
    value: spread(costs[kind]),
  }));
  const verdict: Verdict = {
    of: '× the cost at the smallest',
    got: median(last?.[kind] ?? []) / median(first?.[kind] ?? []),
    wanted: { atMost: 1.15 },
  };
  return { title: `${kind}, as the log grows`, unit: 'µs', measured, verdicts: [verdict] };
}

function told(costs: Costs, kind: Kind): string {
  return ` ${kind} ${median(costs[kind]).toFixed(1)} µs`;
}

async function fill(store: EventStore, count: number): Promise<void> {
  await keepInFlight(16, Math.ceil(count / 100), async (i) => {
    const data = orderData(i);
    // streams of ten: as many of them as orders would make
    await Promise.all(
      Array.from({ length: 10 }, () =>
        store.append(
          newStream(),
          Array.from({ length: 10 }, () => ({ type: EVENT_TYPE, data })),
        ),
      ),
    );
  });
}

/** Appends a sample, reads it back stream by stream, and lets a group consume it that begins at the log's end. */
async function costsAt(store: EventStore, size: number): Promise<Costs> {
  const append: number[] = [];
  const read: number[] = [];
  const consume: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const group = `growth-${randomUUID()}`;
    await beginAtTheEnd(store, group);
    const streams = Array.from({ length: SAMPLE / 10 }, newStream);
    append.push(await perEvent(() => appendTo(store, streams)));
    read.push(await perEvent(() => readBack(store, streams)));
    consume.push(await perEvent(() => consumeSample(store, group)));
    await forget(store, group);
  }
  return { size, append, read, consume };
}

async function perEvent(work: () => Promise<unknown>): Promise<number> {
  const { seconds } = await timed(SAMPLE, work);
  return (seconds * 1e6) / SAMPLE;
}

async function appendTo(store: EventStore, streams: readonly string[]): Promise<void> {
  await keepInFlight(64, streams.length, async (i) => {
    for (let version = 0; version < 10; version += 1)
      await store.append(streams[i] ?? '', [{ type: EVENT_TYPE, data: orderData(i) }], {
        expectedVersion: version,
      });
  });
}

async function readBack(store: EventStore, streams: readonly string[]): Promise<void> {
  await keepInFlight(16, streams.length, async (i) => {
    let count = 0;
    for await (const _ of store.readStream(streams[i] ?? '')) count += 1;
    if (count !== 10) throw new Error(`read ${count} of 10 events`);
  });
}

async function beginAtTheEnd({ redis, keys, partitions }: EventStore, group: string): Promise<void> {
  for (let partition = 0; partition < partitions; partition += 1)
    await redis.xgroup('CREATE', keys.log(partition), group, '$', 'MKSTREAM');
}

async function forget({ redis, keys, partitions }: EventStore, group: string): Promise<void> {
  for (let partition = 0; partition < partitions; partition += 1)
    await redis.xgroup('DESTROY', keys.log(partition), group);
}

async function consumeSample(store: EventStore, group: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let handled = 0;
  const consumer = createEventConsumer({
    store,
    group,
    instance: 'one',
    onError: reject,
    handler: {
      handle: async () => {
        handled += 1;
        if (handled === SAMPLE) resolve();
      },
    },
  });
  consumer.start();
  await promise;
  await consumer.stop();
}
