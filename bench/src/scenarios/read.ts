import type { EventStore } from '@headrace/event-store';
import type { Bench, Scenario } from '../harness/bench.ts';
import { type Contender, compare } from '../harness/compare.ts';
import { keepInFlight } from '../harness/load.ts';
import { EVENT_TYPE, newStream, orderData } from '../harness/payload.ts';
import type { Measured, Row } from '../harness/results.ts';
import { selectRows } from '../peers/select-rows.ts';
import { xrangeOf1000 } from '../peers/xrange.ts';
import { openBenchStore } from './append.ts';

const EVENTS = 1_000;
const READS = 30;

/** A thousand events, of one stream or of the log. */
export const read: Scenario = {
  name: 'read',
  title: 'read 1,000 events',
  run: async (bench) => {
    const store = await openBenchStore(bench);
    try {
      return { rows: [await ofOneStream(bench, store), await ofTheLog(bench, store)] };
    } finally {
      await store.close();
    }
  },
};

async function ofOneStream(bench: Bench, store: EventStore): Promise<Row> {
  const stream = newStream();
  await fill(store, stream, EVENTS);
  const { measured, ratioTo } = await compare({
    contenders: [
      reads('Headrace', () => store.readStream(stream)),
      xrangeOf1000(bench.redis.url),
      selectRows(bench.postgres.url, EVENTS),
    ],
    rounds: bench.quick ? 1 : 7,
    say: bench.say,
  });
  return {
    title: 'read 1,000 events of one stream',
    unit: 'ms',
    measured: measured.map(asMilliseconds),
    verdicts: [
      { of: '× the time of XRANGE of 1,000', got: 1 / ratioTo('XRANGE of 1,000'), wanted: { atMost: 2 } },
    ],
    note: 'Headrace and the SELECT give objects, parsed and checked; the XRANGE leaves JSON as text.',
  };
}

async function ofTheLog(bench: Bench, store: EventStore): Promise<Row> {
  await keepInFlight(64, EVENTS / 5, () => fill(store, newStream(), 5));
  const { measured, atLeast } = await compare({
    contenders: [
      reads('Headrace', () => store.readLog()),
      xrangeOf1000(bench.redis.url),
      selectRows(bench.postgres.url, EVENTS),
    ],
    rounds: bench.quick ? 1 : 7,
    say: bench.say,
  });
  return {
    title: 'read 1,000 events of the log, all partitions merged',
    unit: 'ms',
    measured: measured.map(asMilliseconds),
    verdicts: [atLeast(1, 'SELECT of 1,000 rows')],
  };
}

function reads(name: string, open: () => AsyncIterable<unknown>): Contender {
  return {
    name,
    run: () =>
      keepInFlight(1, READS, async () => {
        let count = 0;
        for await (const _ of open()) {
          count += 1;
          if (count === EVENTS) return;
        }
        throw new Error(`read ${count} of ${EVENTS} events`);
      }),
  };
}

async function fill(store: EventStore, stream: string, count: number): Promise<void> {
  const page = 100;
  for (let from = 0; from < count; from += page) {
    const events = Array.from({ length: Math.min(page, count - from) }, (_, i) => ({
      type: EVENT_TYPE,
      data: orderData(from + i),
    }));
    await store.append(stream, events);
  }
}

/** Time of one read instead of reads a second. */
function asMilliseconds({ name, value, latencyMs }: Measured): Measured {
  return {
    name,
    value: { median: 1_000 / value.median, low: 1_000 / value.high, high: 1_000 / value.low },
    ...(latencyMs === undefined ? {} : { latencyMs }),
  };
}
