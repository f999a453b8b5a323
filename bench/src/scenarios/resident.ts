import { type Services, startAllServices, untilHandled } from '../harness/all-services.ts';
import type { Bench, Scenario } from '../harness/bench.ts';
import { closingAll, type OnEnd } from '../harness/closing.ts';
import type { Row, ScenarioResult } from '../harness/results.ts';
import { spread } from '../harness/statistics.ts';
import { fillLog, openBenchStore } from '../harness/store.ts';

const SIZES = [1_000_000, 2_000_000, 5_000_000];
const QUICK_SIZES = [2_000, 10_000];
/** For the events of one size. */
const PATIENCE_MS = 1_800_000;

/** What the services hold in memory while the log grows, all of it handled by each of their groups. */
export const resident: Scenario = {
  name: 'resident',
  title: 'memory of the services as the log grows to 5 million events',
  onlyByName: true,
  run: (bench) => closingAll((onEnd) => run(bench, onEnd)),
};

interface Sized {
  readonly events: number;
  /** MiB, by service. */
  readonly memory: ReadonlyMap<string, number>;
}

async function run(bench: Bench, onEnd: OnEnd): Promise<ScenarioResult> {
  const store = await openBenchStore(bench);
  onEnd(() => store.close());
  const services = await startAllServices(bench, onEnd, { NODE_OPTIONS: nodeOptions() });
  const all: Sized[] = [];
  let filled = 0;
  for (const events of bench.quick ? QUICK_SIZES : SIZES) {
    await fillLog(store, events - filled);
    filled = events;
    await untilHandled(store, services, PATIENCE_MS);
    const memory = await memoryOf(services);
    bench.say(
      `${events} events: ${[...memory].map(([name, mib]) => `${name} ${mib.toFixed(0)} MiB`).join(', ')}`,
    );
    all.push({ events, memory });
  }
  return {
    rows: [...services.keys()].map((name) => rowOf(name, all)),
    charts: [
      {
        title: 'memory of the services against events in the log',
        x: { label: 'events', scale: 'log' },
        y: { label: 'MiB', scale: 'linear' },
        series: [...services.keys()].map((name) => ({
          name,
          points: all.map(({ events, memory }) => ({ x: events, y: memory.get(name) ?? 0 })),
        })),
      },
    ],
  };
}

function nodeOptions(): string {
  return `--expose-gc --import=${new URL('../workers/report-memory.ts', import.meta.url).href}`;
}

async function memoryOf(services: Services): Promise<ReadonlyMap<string, number>> {
  const memory = new Map<string, number>();
  for (const [name, service] of services) memory.set(name, Number(await service.ask('memory')) / 2 ** 20);
  return memory;
}

function rowOf(name: string, all: readonly Sized[]): Row {
  const memoryIn = (sized: Sized | undefined): number => sized?.memory.get(name) ?? Number.NaN;
  return {
    title: `${name}, resident memory after garbage collection`,
    unit: 'MiB',
    measured: all.map((sized) => ({
      name: `${sized.events.toLocaleString('en-US')} events`,
      value: spread([memoryIn(sized)]),
    })),
    verdicts: [
      { of: '× that at the smallest', got: memoryIn(all.at(-1)) / memoryIn(all[0]), wanted: { atMost: 1.1 } },
    ],
  };
}
