import type { EventStore } from '@headrace/event-store';
import type { Bench, Scenario } from '../harness/bench.ts';
import { asMilliseconds, type Contender, compare } from '../harness/compare.ts';
import { keepInFlight } from '../harness/load.ts';
import { newStream } from '../harness/payload.ts';
import type { Row, Verdict } from '../harness/results.ts';
import { fillStream, openBenchStore } from '../harness/store.ts';
import { selectRows } from '../peers/select-rows.ts';
import { xrangeOf1000 } from '../peers/xrange.ts';

const EVENTS = 1_000;
const READS = 30;

/** A thousand events, of one stream or of the log. */
export const read: Scenario = {
  name: 'read',
  title: 'read 1,000 events',
  run: async (bench) => {
    const store = await openBenchStore(bench);
    try {
      // while the log holds nothing else, as with its peers
      const ofLog = await ofTheLog(bench, store);
      return { rows: [await ofOneStream(bench, store), ofLog] };
    } finally {
      await store.close();
    }
  },
};

async function ofOneStream(bench: Bench, store: EventStore): Promise<Row> {
  const stream = newStream();
  await fillStream(store, stream, EVENTS);
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
    verdicts: [timesXrange(ratioTo, 2)],
    note: 'Headrace and the SELECT give objects, parsed and checked; the XRANGE leaves JSON as text.',
  };
}

async function ofTheLog(bench: Bench, store: EventStore): Promise<Row> {
  await keepInFlight(64, EVENTS / 5, () => fillStream(store, newStream(), 5));
  const { measured, ratioTo } = await compare({
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
    verdicts: [timesXrange(ratioTo, 1.6)],
    note: 'XRANGE reads them from one Redis stream, as text: what Redis itself takes is the floor of any read.',
  };
}

function timesXrange(ratioTo: (name: string) => number, atMost: number): Verdict {
  return { of: '× the time of XRANGE of 1,000', got: 1 / ratioTo('XRANGE of 1,000'), wanted: { atMost } };
}

function reads(name: string, open: () => AsyncIterable<unknown>): Contender {
  return {
    name,
    run: () =>
      keepInFlight(1, READS, async () => {
        let count = 0;
        for await (const _ of open()) count += 1;
        if (count !== EVENTS) throw new Error(`read ${count} of ${EVENTS} events`);
      }),
  };
}
