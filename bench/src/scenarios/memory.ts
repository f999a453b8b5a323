import { randomUUID } from 'node:crypto';
import type { AppendOptions, EventStore } from '@headrace/event-store';
import type { Bench, Scenario } from '../harness/bench.ts';
import { keepInFlight } from '../harness/load.ts';
import { EVENT_TYPE, newStream, orderData } from '../harness/payload.ts';
import type { ScenarioResult } from '../harness/results.ts';
import { spread } from '../harness/statistics.ts';
import { openBenchStore } from '../harness/store.ts';

const EVENTS_A_STREAM = 5;
const STEPS = 5;

/** What an event takes in Redis. */
export const memory: Scenario = {
  name: 'memory',
  title: 'memory of Redis',
  run: async (bench) => {
    const store = await openBenchStore(bench);
    try {
      return await measure(bench, store);
    } finally {
      await store.close();
    }
  },
};

async function measure(bench: Bench, store: EventStore): Promise<ScenarioResult> {
  const streams = bench.quick ? 2_000 : 20_000;
  const empty = await usedMemory(store);
  const points = [{ x: 0, y: 0 }];
  for (let step = 1; step <= STEPS; step += 1) {
    await fill(store, streams / STEPS);
    const events = (step * streams * EVENTS_A_STREAM) / STEPS;
    points.push({ x: events, y: ((await usedMemory(store)) - empty) / 1024 ** 2 });
    bench.say(`${events} events: ${points.at(-1)?.y.toFixed(1)} MiB`);
  }
  const plain = (await usedMemory(store)) - empty;
  const payload = await payloadOf(store);
  const keyed = await keyBytes(store);
  const perEvent = plain / (streams * EVENTS_A_STREAM);
  return {
    rows: [
      {
        title: 'memory per event in Redis, streams of five',
        unit: 'bytes',
        measured: [
          { name: 'Headrace', value: spread([perEvent]) },
          { name: 'payload: data and meta', value: spread([payload]) },
          { name: 'an idempotency record, beside', value: spread([keyed.receipt]) },
          { name: 'the claim of its key, beside', value: spread([keyed.claim]) },
        ],
        note: 'Idempotency records by MEMORY USAGE, which leaves out their place among the keys that expire.',
        verdicts: [{ of: '× payload', got: perEvent / payload, wanted: { atMost: 1.4 } }],
      },
    ],
    charts: [
      {
        title: 'memory against events',
        x: { label: 'events', scale: 'linear' },
        y: { label: 'MiB', scale: 'linear' },
        series: [
          { name: 'Redis', points },
          { name: 'payload', points: points.map(({ x }) => ({ x, y: (x * payload) / 1024 ** 2 })) },
        ],
      },
    ],
  };
}

/** As a service writes them: every append has a command, a cause, an actor and a place in a trace. */
function fullMeta(): AppendOptions {
  return {
    commandId: randomUUID(),
    correlationId: randomUUID(),
    causationId: `3-1732150000000-${Math.floor(Math.random() * 10)}`,
    actor: 'customer-17',
    traceparent: `00-${randomUUID().replaceAll('-', '')}-00f067aa0ba902b7-01`,
    ip: '127.0.0.1',
  };
}

/** One append for each event, as the history of an order comes about. */
async function fill(store: EventStore, streams: number): Promise<void> {
  await keepInFlight(64, streams, async (i) => {
    const stream = newStream();
    for (let version = 0; version < EVENTS_A_STREAM; version += 1) {
      await store.append(stream, [{ type: EVENT_TYPE, data: orderData(i) }], {
        ...fullMeta(),
        expectedVersion: version,
      });
    }
  });
}

/** Bytes of `data` and `meta` of an event, on average. */
async function payloadOf(store: EventStore): Promise<number> {
  const entries = await store.redis.xrange(store.keys.log(0), '-', '+', 'COUNT', 1_000);
  const bytes = entries.map(([, fields]) =>
    fields.reduce((sum, field, i) => {
      const name = fields[i - 1];
      return i % 2 === 1 && (name === 'data' || name === 'meta') ? sum + Buffer.byteLength(field) : sum;
    }, 0),
  );
  return bytes.reduce((sum, one) => sum + one, 0) / bytes.length;
}

/** What Redis says that the two records of a key take, their names included. */
async function keyBytes(store: EventStore): Promise<{ readonly receipt: number; readonly claim: number }> {
  const stream = newStream();
  const idempotency = { key: randomUUID(), actor: 'customer-17', route: 'POST /api/orders', request: {} };
  const event = { type: EVENT_TYPE, data: orderData(0) };
  await store.underKey(idempotency, () => store.append(stream, [event], { ...fullMeta(), idempotency }));
  const { actor, route, key } = idempotency;
  return {
    receipt: await bytesOf(store, store.keys.idempotency(stream, [actor, route, key])),
    claim: await bytesOf(store, store.keys.claim(key)),
  };
}

async function bytesOf({ redis }: EventStore, key: string): Promise<number> {
  const bytes = await redis.memory('USAGE', key);
  if (bytes === null) throw new Error(`an append under a key has left no ${key}`);
  return bytes;
}

async function usedMemory(store: EventStore): Promise<number> {
  const info = await store.redis.info('memory');
  return Number(/^used_memory_dataset:(\d+)/m.exec(info)?.[1]);
}
