import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { EventStore } from '@headrace/event-store';
import type { Bench, Scenario } from '../harness/bench.ts';
import { closingAll, type OnEnd } from '../harness/closing.ts';
import { groupLags } from '../harness/group-lag.ts';
import type { Row, Verdict } from '../harness/results.ts';
import { RunningProcess } from '../harness/service.ts';
import { spread } from '../harness/statistics.ts';
import { fillLog, openBenchStore } from '../harness/store.ts';

const WORKER_ENTRY = fileURLToPath(new URL('../workers/consumer.ts', import.meta.url));
const INSTANCES = [1, 2, 4];
const GROUP = 'bench';
const TIMEOUT_MS = 120_000;

/** One consumer group in more and more processes. */
export const scaling: Scenario = {
  name: 'scaling',
  title: 'one consumer group in 1, 2 and 4 processes',
  run: async (bench) => ({ rows: [await scaled(bench, 0), await scaled(bench, 1)] }),
};

interface Run {
  readonly perSecond: number;
  /** Share of all cores' time, 0 to 1. */
  readonly busy: number;
}

async function scaled(bench: Bench, handlerMs: number): Promise<Row> {
  const events = bench.quick ? 10_000 : 100_000;
  const handler = handlerMs === 0 ? 'no-op handler' : `handler that waits ${handlerMs} ms`;
  const runs: Run[] = [];
  for (const instances of INSTANCES) {
    const run = await closingAll((onEnd) => consume(bench, { instances, handlerMs, events }, onEnd));
    bench.say(`${handler}, ${processes(instances)}: ${Math.round(run.perSecond)}/s, ${percent(run.busy)}`);
    runs.push(run);
  }
  const busy = INSTANCES.map((instances, i) => `${percent(runs[i]?.busy ?? 0)} by ${processes(instances)}`);
  return {
    title: `consume ${events.toLocaleString('en')} events, acknowledged, ${handler}`,
    unit: 'events/s',
    measured: INSTANCES.map((instances, i) => ({
      name: `Headrace, ${processes(instances)}`,
      value: spread([runs[i]?.perSecond ?? Number.NaN]),
    })),
    verdicts: handlerMs === 0 ? [] : [askedFor(runs)],
    note:
      'Processes hold balanced leases and every handler waits until the log is full; time runs from there to the ' +
      `last acknowledgement. They scale until the ${cpus().length} cores are full, which Redis shares: ` +
      `${busy.join(', ')} busy.`,
  };
}

function askedFor([first]: readonly Run[]): Verdict {
  return {
    of: 'events/s, 1 process',
    got: first?.perSecond ?? Number.NaN,
    wanted: { atLeast: 4_000 },
  };
}

interface Setup {
  readonly instances: number;
  readonly handlerMs: number;
  readonly events: number;
}

async function consume(bench: Bench, setup: Setup, onEnd: OnEnd): Promise<Run> {
  const store = await openBenchStore(bench);
  onEnd(async () => {
    await store.redis.flushall();
    await store.close();
  });
  const workers: RunningProcess[] = [];
  for (let i = 1; i <= setup.instances; i += 1) {
    const worker = await RunningProcess.start({
      name: `consumer-${i}`,
      entry: WORKER_ENTRY,
      env: {
        REDIS_URL: bench.redis.url,
        GROUP,
        INSTANCE_ID: `consumer-${i}`,
        HANDLER_MS: `${setup.handlerMs}`,
      },
    });
    onEnd(() => worker.stop());
    workers.push(worker);
  }
  await until(workers, () => leasesAreBalanced(store, setup.instances));
  await fillLog(store, setup.events);

  const coresAt = coreTimes();
  const startedAt = performance.now();
  for (const worker of workers) worker.send('go');
  await until(workers, async () => (await groupLags(store)).get(GROUP) === 0);
  const seconds = (performance.now() - startedAt) / 1_000;
  return { perSecond: setup.events / seconds, busy: busyShare(coresAt, coreTimes()) };
}

async function leasesAreBalanced({ redis, keys }: EventStore, instances: number): Promise<boolean> {
  const shares = new Map<string, number>();
  for (let partition = 0; partition < keys.partitions; partition += 1) {
    const owner = await redis.hget(keys.group(partition, GROUP, 'lease'), 'owner');
    if (owner === null || owner === '') return false;
    shares.set(owner, (shares.get(owner) ?? 0) + 1);
  }
  return shares.size === instances && Math.max(...shares.values()) <= Math.ceil(keys.partitions / instances);
}

async function until(workers: readonly RunningProcess[], condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  while (!(await condition())) {
    for (const worker of workers) await worker.requireAlive();
    if (performance.now() > deadline) throw new Error(`the workers did not finish within ${TIMEOUT_MS} ms`);
    await sleep(50);
  }
}

interface CoreTimes {
  readonly idle: number;
  readonly all: number;
}

function coreTimes(): CoreTimes {
  const times = cpus().map((core) => core.times);
  const idle = times.reduce((sum, core) => sum + core.idle, 0);
  return {
    idle,
    all: times.reduce((sum, core) => sum + core.idle + core.user + core.sys + core.nice + core.irq, 0),
  };
}

function busyShare(from: CoreTimes, to: CoreTimes): number {
  return 1 - (to.idle - from.idle) / (to.all - from.all);
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function processes(count: number): string {
  return count === 1 ? '1 process' : `${count} processes`;
}
