import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createTransactionalConsumer } from '@headrace/consumer';
import { createPostgresSink } from '@headrace/postgres';
import { eventually } from '@headrace/test-kit';
import { checkHandled } from '../../src/checks/handled.ts';
import { readLog } from '../../src/evidence/collect.ts';
import { createRandom, type Random } from '../../src/plan/random.ts';
import { checkpointsIn, logEnds, pendingEntries } from '../../src/world/groups.ts';
import { type Inspector, openInspector } from '../../src/world/inspector.ts';
import { type EffectDatabase, effectHandler, openEffects } from '../fixtures/effects.ts';
import { GROUP, POISON, type WorkerOptions } from '../fixtures/worker-options.ts';

export type PlantedOptions = Omit<WorkerOptions, 'instance' | 'partitions' | 'leaseMs'> & {
  readonly seed: number;
  /** Kills and stops, by turns. */
  readonly faults: number;
};

const PARTITIONS = 4;
const LEASE_MS = 1_000;
const STREAMS = 8;
const CATCH_UP_MS = 40_000;

/** Two workers with or without a bug under load, kills and stops; what the checker has to say about it. */
export async function violationsOf(options: PlantedOptions): Promise<readonly string[]> {
  const { redisUrl, databaseUrl, world, mode, seed } = options;
  const inspector = await openInspector({ redisUrl, databaseUrl, partitions: PARTITIONS, prefix: world });
  const database = openEffects(databaseUrl, world);
  await database.migrate();
  const workers = ['one', 'two'].map((instance) => createWorker({ ...options, instance }));
  const scene = { inspector, options, workers, random: createRandom(seed) };
  const load = startLoad(inspector);
  try {
    for (const worker of workers) worker.start();
    for (let fault = 0; fault < options.faults; fault += 1) await injectOne(scene, fault);
    if (mode === 'transactional') await mend(inspector, database);
    await load.stop();
    await caughtUp(inspector, options);
    const events = (await readLog(inspector)).flat();
    const traces = await inspector.rows<{ eventId: string }>(
      `select event_id as "eventId" from ${world}.effects order by place`,
    );
    return checkHandled('the worker', events, traces, mode === 'transactional' ? 'once' : 'again');
  } finally {
    await load.stop();
    await Promise.all(workers.map((worker) => worker.kill()));
    await database.close();
    await inspector.close();
  }
}

interface Scene {
  readonly inspector: Inspector;
  readonly options: PlantedOptions;
  readonly workers: readonly Worker[];
  readonly random: Random;
}

interface Worker {
  readonly instance: string;
  start(): void;
  /** Resolves once the worker has something in hand. */
  atWork(): Promise<void>;
  /** Has the worker send itself this signal the next time it has something in hand, and waits until it has. */
  hit(signal: 'SIGKILL' | 'SIGSTOP'): Promise<void>;
  goOn(): void;
  kill(): Promise<void>;
}

const workerFile = fileURLToPath(new URL('../fixtures/worker.ts', import.meta.url));
/** Six processes start at once, beside other tests. */
const PATIENCE_MS = 60_000;

function createWorker(options: Omit<WorkerOptions, 'partitions' | 'leaseMs'>): Worker {
  const all: WorkerOptions = { ...options, partitions: PARTITIONS, leaseMs: LEASE_MS };
  let child: ChildProcess | undefined;
  return {
    instance: options.instance,
    start: () => {
      child = fork(workerFile, [JSON.stringify(all)], {
        execArgv: ['--conditions=@headrace/source'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
    },
    atWork: async () => {
      if (child !== undefined) await heard(child, 'at work');
    },
    hit: async (signal) => {
      if (child === undefined) return;
      const hit = signal === 'SIGKILL' ? exited(child) : heard(child, signal);
      child.send(signal);
      await hit;
    },
    goOn: () => void child?.kill('SIGCONT'),
    kill: async () => {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

async function heard(child: ChildProcess, word: string): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  for await (const [message] of on(child, 'message', { signal })) if (message === word) return;
}

async function exited(child: ChildProcess): Promise<void> {
  await once(child, 'exit', { signal: AbortSignal.timeout(PATIENCE_MS) });
}

/** By turns a kill and a stop that outlasts the lease, of either worker, at its most vulnerable. */
async function injectOne(scene: Scene, fault: number): Promise<void> {
  const { random, workers } = scene;
  const worker = workers[random.between(0, workers.length - 1)];
  if (worker === undefined) return;
  // both must be at work, so that the other one can take over
  await Promise.all(workers.map((one) => one.atWork()));
  if (fault % 2 === 1) {
    await worker.hit('SIGSTOP');
    await takenOver(scene, worker);
    worker.goOn();
  } else {
    await worker.hit('SIGKILL');
    await sleep(random.between(0, LEASE_MS));
    worker.start();
  }
}

/** Waits until a stopped worker's partitions are another's, which has then handled what the stopped one has in hand. */
async function takenOver({ inspector, options }: Scene, { instance }: Worker): Promise<void> {
  await sleep(LEASE_MS * 2);
  if (options.mode === 'acknowledged') return;
  const deadline = performance.now() + PATIENCE_MS;
  const isOwner = async (): Promise<boolean> =>
    (await checkpointsIn(inspector, options.world)).some(({ owner }) => owner === instance);
  while ((await isOwner()) && performance.now() < deadline) await sleep(50);
  await sleep(LEASE_MS / 2);
}

/** Appends to several streams, one after the other; a little of it is poison. */
function startLoad({ store }: Inspector): { stop(): Promise<void> } {
  let stopping = false;
  const run = async (): Promise<void> => {
    for (let number = 0; !stopping; number += 1) {
      const orderId = `planted-${number % STREAMS}`;
      const signature = number === STREAMS ? POISON : String(number);
      await store.append(`order:${orderId}`, [
        { type: 'OrderDelivered', data: { orderId, userId: 'ann', signature } },
      ]);
      await sleep(15);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping = true;
      await running;
    },
  };
}

/** Waits until something is parked behind the poison, takes its cause away, and asks for all to be handled again. */
async function mend(inspector: Inspector, database: EffectDatabase): Promise<void> {
  const { admin } = createTransactionalConsumer({
    store: inspector.store,
    group: GROUP,
    instance: 'operator',
    sink: createPostgresSink(database),
    handler: effectHandler('operator'),
  });
  const [first] = await eventually(
    async () => {
      const letters = (await admin.deadLetters({ limit: 3 })).letters;
      return letters.length === 3 && letters;
    },
    { timeoutMs: CATCH_UP_MS, what: 'something parked behind the poison' },
  );
  await database.db.insertInto('mended').values({ at: new Date().toISOString() }).execute();
  if (first !== undefined) await admin.requestRetry(first.stream);
}

/** Waits until all is done; a worker that never gets there is judged by what it has done. */
async function caughtUp(inspector: Inspector, { mode, world }: PlantedOptions): Promise<void> {
  const deadline = performance.now() + CATCH_UP_MS;
  const isDone = async (): Promise<boolean> => {
    if (mode === 'acknowledged') return (await unacknowledged(inspector)) === 0;
    const [ends, checkpoints] = await Promise.all([logEnds(inspector), checkpointsIn(inspector, world)]);
    const [parked] = await inspector.rows<{ n: number }>(`select count(*) as n from ${world}.parked_events`);
    const reached = new Map(checkpoints.map((one) => [one.partition, one.entry_id]));
    return parked?.n === 0 && ends.every((end, partition) => end === (reached.get(partition) ?? null));
  };
  while (!(await isDone()) && performance.now() < deadline) await sleep(100);
  // what was begun and not awaited may still come
  await sleep(200);
}

async function unacknowledged(inspector: Inspector): Promise<number> {
  const { store } = inspector;
  const pending = await pendingEntries(inspector, store.keys.log, GROUP, null);
  const ends = await logEnds(inspector);
  const groups = await Promise.all(
    ends.map(async (end, partition) => {
      if (end === null) return 0;
      const next = (await store.redis.xinfo(
        'GROUPS',
        store.keys.log(partition),
      )) as readonly (readonly unknown[])[];
      const [fields] = next;
      return fields?.[fields.indexOf('last-delivered-id') + 1] === end ? 0 : 1;
    }),
  );
  return groups.reduce<number>((sum, behind) => sum + behind, pending);
}
