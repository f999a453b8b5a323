import type { EventStore } from '@headrace/event-store';
import type { Bench, Scenario } from '../harness/bench.ts';
import { closingAll, type OnEnd } from '../harness/closing.ts';
import type { Sample } from '../harness/compare.ts';
import { openLoop } from '../harness/open-loop.ts';
import { EVENT_TYPE, newStream, orderData } from '../harness/payload.ts';
import type { Chart, ScenarioResult } from '../harness/results.ts';
import { p50and99, spread } from '../harness/statistics.ts';
import { openBenchStore } from '../harness/store.ts';

const ASKED_PER_SECOND = 5_000;
const CHARTED_PER_SECOND = [1_000, 2_500, 5_000, 7_500, 10_000];
/** Below this share of the asked rate answers fall behind, and latencies only tell for how long. */
const HELD_SHARE = 0.97;

/** How long an append takes at a rate that others set, not the answers. */
export const storageLatency: Scenario = {
  name: 'storage-latency',
  title: 'latency of appends at a fixed rate',
  run: (bench) => closingAll((onEnd) => run(bench, onEnd)),
};

async function run(bench: Bench, onEnd: OnEnd): Promise<ScenarioResult> {
  const store = await openBenchStore(bench);
  onEnd(() => store.close());
  await appendAt(store, 2_000, 2);
  const sample = await appendAt(store, ASKED_PER_SECOND, bench.quick ? 3 : 10);
  const latencyMs = p50and99(sample.latenciesMs ?? []);
  bench.say(`${ASKED_PER_SECOND}/s: ${told(sample)}`);
  return {
    rows: [
      {
        title: `append, ${ASKED_PER_SECOND} a second`,
        unit: 'ms',
        measured: [{ name: 'Headrace', value: spread([latencyMs.p50]), latencyMs }],
        verdicts: [
          { of: 'p99 ms', got: latencyMs.p99, wanted: { atMost: 10 } },
          {
            of: 'appends/s reached',
            got: rateOf(sample),
            wanted: { atLeast: HELD_SHARE * ASKED_PER_SECOND },
          },
        ],
        note:
          'Open loop, evenly spaced, from the moment an append was due until its answer; ' +
          'up to 1 ms of it is the timer of the load.',
      },
    ],
    charts: [await latencyAgainstThroughput(bench, store)],
  };
}

async function latencyAgainstThroughput(bench: Bench, store: EventStore): Promise<Chart> {
  const p50: { x: number; y: number }[] = [];
  const p99: { x: number; y: number }[] = [];
  for (const perSecond of CHARTED_PER_SECOND) {
    const sample = await appendAt(store, perSecond, bench.quick ? 1.5 : 3);
    const held = rateOf(sample) >= HELD_SHARE * perSecond;
    bench.say(`${perSecond}/s: ${told(sample)}${held ? '' : ', not held'}`);
    if (!held) break;
    const latency = p50and99(sample.latenciesMs ?? []);
    p50.push({ x: perSecond, y: latency.p50 });
    p99.push({ x: perSecond, y: latency.p99 });
  }
  return {
    title: 'latency against throughput',
    x: { label: 'appends/s', scale: 'linear' },
    y: { label: 'ms', scale: 'log' },
    series: [
      { name: 'p50', points: p50 },
      { name: 'p99', points: p99 },
    ],
  };
}

function appendAt(store: EventStore, perSecond: number, seconds: number): Promise<Sample> {
  return openLoop({
    perSecond,
    seconds,
    operation: (i) =>
      store.append(newStream(), [{ type: EVENT_TYPE, data: orderData(i) }], { expectedVersion: 0 }),
  });
}

function rateOf({ operations, seconds }: Sample): number {
  return operations / seconds;
}

function told(sample: Sample): string {
  const { p50, p99 } = p50and99(sample.latenciesMs ?? []);
  return `${Math.round(rateOf(sample))}/s reached, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
}
