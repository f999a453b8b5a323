import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore } from '@headrace/event-store';
import { findFreePort, startMail } from '@headrace/local';
import type { Bench, Scenario } from '../harness/bench.ts';
import { closingAll, type OnEnd } from '../harness/closing.ts';
import { groupLags } from '../harness/group-lag.ts';
import type { Row, ScenarioResult } from '../harness/results.ts';
import { dropSchema } from '../harness/schema.ts';
import { type ServerProcess, startService } from '../harness/service.ts';
import { spread } from '../harness/statistics.ts';
import { fillLog, openBenchStore } from '../harness/store.ts';

const SIZES = [1_000_000, 2_000_000, 5_000_000];
const QUICK_SIZES = [2_000, 10_000];
const LOOK_EVERY_MS = 250;
/** For the events of one size. */
const PATIENCE_MS = 1_800_000;

/** By service, what it needs beside the servers. */
const SERVICES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'order-api': {},
  'event-api': {},
  'email-worker': { DATABASE_SCHEMA: 'bench_resident_email' },
  'analytics-worker': { DATABASE_SCHEMA: 'bench_resident_analytics' },
  'billing-worker': { DATABASE_SCHEMA: 'bench_resident_billing' },
  'projection-service': { DATABASE_SCHEMA: 'bench_resident_projections' },
};

const CONSUMER_GROUPS = 9;

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
  const services = new Map<string, ServerProcess>();
  const mails = await mkdtemp(`${tmpdir()}/headrace-bench-`);
  onEnd(() => rm(mails, { recursive: true, force: true }));
  const mail = await startMail({ dir: mails, smtpPort: await findFreePort(), webPort: await findFreePort() });
  onEnd(() => mail.stop());
  for (const [name, env] of Object.entries(SERVICES)) {
    const { DATABASE_SCHEMA: schema } = env;
    if (schema !== undefined) onEnd(() => dropSchema(bench.postgres.url, schema));
    const service = await startService(bench, name, {
      ...env,
      SMTP_URL: mail.url,
      NODE_OPTIONS: nodeOptions(),
    });
    onEnd(service.stop);
    services.set(name, service);
  }
  const all: Sized[] = [];
  let filled = 0;
  for (const events of bench.quick ? QUICK_SIZES : SIZES) {
    await fillLog(store, events - filled);
    filled = events;
    await untilHandled(store, [...services.values()]);
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

async function untilHandled(store: EventStore, services: readonly ServerProcess[]): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const lags = await groupLags(store);
    if (lags.size >= CONSUMER_GROUPS && [...lags.values()].every((lag) => lag === 0)) return;
    if (performance.now() > deadline) throw new Error(`still behind: ${JSON.stringify([...lags])}`);
    for (const service of services) await service.requireAlive();
    await sleep(LOOK_EVERY_MS);
  }
}

async function memoryOf(services: ReadonlyMap<string, ServerProcess>): Promise<ReadonlyMap<string, number>> {
  const memory = new Map<string, number>();
  for (const [name, service] of services) memory.set(name, Number(await service.ask('memory')) / 2 ** 20);
  return memory;
}

function rowOf(name: string, all: readonly Sized[]): Row {
  const of = (sized: Sized | undefined): number => sized?.memory.get(name) ?? Number.NaN;
  return {
    title: `${name}, resident memory after garbage collection`,
    unit: 'MiB',
    measured: all.map((sized) => ({
      name: `${sized.events.toLocaleString('en-US')} events`,
      value: spread([of(sized)]),
    })),
    verdicts: [{ of: '× that at the smallest', got: of(all.at(-1)) / of(all[0]), wanted: { atMost: 1.1 } }],
  };
}
