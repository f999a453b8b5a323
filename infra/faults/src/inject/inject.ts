import { setTimeout as sleep } from 'node:timers/promises';
import { type StallWatchProcess, standStill as standStillMyself } from '@headrace/test-kit';
import type { Client } from '../load/client.ts';
import type { Fault, PlannedFault } from '../plan/faults.ts';
import { targetOf } from '../plan/faults.ts';
import { isApi } from '../world/groups.ts';
import type { Inspector } from '../world/inspector.ts';
import { isCritical } from '../world/proxies.ts';
import type { World } from '../world/world.ts';
import { inFlightOf, waitForWork } from './in-flight.ts';

/** A fault as it was carried out. Times are ms since the epoch. */
export interface Injected {
  readonly fault: PlannedFault;
  readonly from: number;
  /** When it was over, and its target ready again. */
  readonly until: number;
  /** Requests, events or replies that it interrupted. */
  readonly hits: number;
  /** Why it could not be carried out. */
  readonly failure?: string;
}

export interface Scene {
  readonly world: World;
  readonly inspector: Inspector;
  readonly client: Client;
  readonly watch: StallWatchProcess;
  readonly onInjected?: (injected: Injected) => void;
}

/** Carries out the schedule; faults of one target come one after the other. Resolves when all are over. */
export async function injectAll(scene: Scene, plan: readonly PlannedFault[]): Promise<readonly Injected[]> {
  const startedAt = performance.now();
  const lastByTarget = new Map<string, Promise<unknown>>();
  return await Promise.all(
    plan.map((fault) => {
      const last = lastByTarget.get(targetOf(fault)) ?? Promise.resolve();
      const done = last.then(async () => {
        await sleep(Math.max(0, startedAt + fault.atMs - performance.now()));
        return await injectOne(scene, fault);
      });
      lastByTarget.set(targetOf(fault), done);
      return done;
    }),
  );
}

async function injectOne(scene: Scene, fault: PlannedFault): Promise<Injected> {
  const from = Date.now();
  let injected: Injected;
  try {
    const hits = await inject(scene, fault);
    injected = { fault, from, until: Date.now(), hits };
  } catch (error) {
    injected = { fault, from, until: Date.now(), hits: 0, failure: String(error) };
  }
  scene.onInjected?.(injected);
  return injected;
}

/** Carries it out, ends it, and returns how much it interrupted. */
async function inject(scene: Scene, fault: Fault): Promise<number> {
  switch (fault.kind) {
    case 'kill':
      return await kill(scene, fault);
    case 'stop':
      return await stop(scene, fault);
    case 'restart':
      await scene.world.instance(fault.target).restart();
      return 0;
    case 'kill-server':
      return await killServer(scene, fault);
    case 'cut':
      return await cut(scene, fault);
    case 'drop-replies':
      return await dropReplies(scene, fault);
    case 'stall':
      return await stall(scene, fault);
    case 'stand-still':
      return await standStill(scene, fault);
    case 'scale-up':
      await scene.world.start(fault.target);
      return 0;
    case 'scale-down':
      await scene.world.instance(fault.target).end();
      return 0;
  }
}

/** Starts instances that should run and do not, because the restart of a fault has failed. */
export async function restartFailed({ world }: Pick<Scene, 'world'>): Promise<void> {
  const down = world.running().filter((instance) => instance.pid === undefined && !instance.hasEnded());
  await Promise.all(down.map((instance) => instance.restart()));
}

type Of<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>;

async function kill(scene: Scene, { target, forMs }: Of<'kill'>): Promise<number> {
  const { world, inspector, client } = scene;
  const instance = world.instance(target);
  const probe = (): Promise<number> => inFlightOf(inspector, client, instance);
  const before = await waitForWork(probe);
  await instance.kill();
  // The work of a dead worker stays in flight until its lease ends; requests to an API have failed by now.
  const hits = isApi(instance.service) ? before : await probe();
  await sleep(forMs);
  await instance.restart();
  return hits;
}

async function stop(scene: Scene, { target, forMs }: Of<'stop'>): Promise<number> {
  const { world, inspector, client } = scene;
  const instance = world.instance(target);
  const probe = (): Promise<number> => inFlightOf(inspector, client, instance);
  await waitForWork(probe);
  await instance.stop();
  const hits = await probe();
  await sleep(forMs);
  await instance.continue();
  return hits;
}

async function killServer(scene: Scene, { server, forMs }: Of<'kill-server'>): Promise<number> {
  const { world, client } = scene;
  const apis = world.running().filter(({ service }) => isApi(service));
  const probe = async (): Promise<number> => apis.reduce((sum, { url }) => sum + client.inFlight(url), 0);
  const process = world.servers[server];
  const hits = server === 'redis' ? await waitForWork(probe) : await openTransactions(scene);
  await process.kill();
  await sleep(forMs);
  await process.restart();
  return hits;
}

function openTransactions({ inspector }: Scene): Promise<number> {
  return waitForWork(async () => {
    const [row] = await inspector.rows<{ open: number }>(
      `select count(*) as open from pg_stat_activity
       where xact_start is not null and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    );
    return row?.open ?? 0;
  });
}

async function cut(scene: Scene, { target, server }: Of<'cut'>): Promise<number> {
  const { world, inspector, client } = scene;
  const instance = world.instance(target);
  const hits = await waitForWork(() => inFlightOf(inspector, client, instance));
  instance.proxies[server].cut();
  return hits;
}

const DROP_PATIENCE_MS = 1_500;

async function dropReplies(scene: Scene, { target, server, times }: Of<'drop-replies'>): Promise<number> {
  const proxy = scene.world.instance(target).proxies[server];
  const before = proxy.droppedReplies;
  proxy.dropReplies((request) => isCritical(server, request), times);
  const deadline = performance.now() + DROP_PATIENCE_MS;
  while (proxy.droppedReplies < before + times && performance.now() < deadline) await sleep(10);
  proxy.dropReplies(0);
  return proxy.droppedReplies - before;
}

async function stall(scene: Scene, { target, server, forMs }: Of<'stall'>): Promise<number> {
  const { world, inspector, client } = scene;
  const instance = world.instance(target);
  const hits = await waitForWork(() => inFlightOf(inspector, client, instance));
  const proxy = instance.proxies[server];
  proxy.stall();
  await sleep(forMs);
  proxy.resume();
  return hits;
}

/** Stops all processes, including this one with its load and proxies. */
function standStill({ world, client, watch }: Scene, { forMs }: Of<'stand-still'>): Promise<number> {
  const pids = [world.servers.redis, world.servers.postgres, world.servers.mail, ...world.running()]
    .map(({ pid }) => pid)
    .filter((pid) => pid !== undefined);
  const hits = world.running().reduce((sum, { url }) => sum + client.inFlight(url), 0);
  // The watch is the first to stop and the last to continue: it has to see the whole stall.
  for (const pid of [watch.pid, ...pids]) process.kill(pid, 'SIGSTOP');
  standStillMyself(forMs);
  for (const pid of [...pids, watch.pid]) process.kill(pid, 'SIGCONT');
  return Promise.resolve(hits);
}
