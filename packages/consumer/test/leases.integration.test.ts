import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@headrace/test-kit';
import { expect, it } from 'vitest';
import { newOrder, say } from './support/orders.ts';
import { inOrder, leaseMs, useWorkers } from './support/workers.ts';

const GROUP = 'shared';
const NAMES = ['one', 'two', 'three'] as const;
const { partitions, store, start, effectsOf } = useWorkers(8);
/** Of each of three members at most. */
const SHARE = Math.ceil(partitions / NAMES.length);
/** Beyond the end of the lease: a tick of the others, and the taking over itself. */
const SOON_MS = 3 * leaseMs;

interface Held {
  readonly owner: string;
  readonly epoch: number;
}

/** Who holds each partition by Redis's word. */
async function leases(): Promise<readonly Held[]> {
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  return await Promise.all(
    all.map(async (partition) => {
      const { owner = '', epoch = 0 } = await store().redis.hgetall(
        store().keys.group(partition, GROUP, 'lease'),
      );
      return { owner, epoch: Number(epoch) };
    }),
  );
}

/** Waits until each of the members has its fair share, and they have everything. */
async function shared(members: readonly string[], timeoutMs: number): Promise<readonly Held[]> {
  return await eventually(
    async () => {
      const held = await leases();
      const counts = members.map((member) => held.filter(({ owner }) => owner === member).length);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(partitions);
      expect(Math.max(...counts)).toBe(Math.ceil(partitions / members.length));
      expect(Math.min(...counts)).toBe(Math.floor(partitions / members.length));
      return held;
    },
    { timeoutMs, what: `a fair share for ${members.join(', ')}` },
  );
}

/** Partitions with another owner than before; all others must not even have changed hands in between. */
function moved(before: readonly Held[], after: readonly Held[]): number {
  const others = after.filter(({ owner }, partition) => owner === before[partition]?.owner);
  for (const one of others) expect(before).toContainEqual(one);
  return after.length - others.length;
}

/** Streams on all partitions to which something is said all the time. */
function startLoad(): { readonly end: () => Promise<ReadonlyMap<string, number>> } {
  const said = new Map(Array.from({ length: 3 * partitions }, () => [newOrder(), 0]));
  let ended = false;
  async function run(): Promise<void> {
    for (let step = 0; !ended; step += 1) {
      await Promise.all([...said.keys()].map((stream) => say(store(), stream, `${step}`)));
      for (const stream of said.keys()) said.set(stream, step + 1);
      await sleep(50);
    }
  }
  const running = run();
  return {
    end: async () => {
      ended = true;
      await running;
      return said;
    },
  };
}

async function ended(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined) throw new Error('there is no such worker');
  child.kill(signal);
  await once(child, 'exit');
}

it('three workers share eight partitions; a join, a leave, a kill and a stop move no more than a share', async () => {
  const workers = new Map(NAMES.map((name) => [name, start(GROUP, name)]));
  const load = startLoad();
  let before = await shared(NAMES, 20_000);

  await ended(workers.get('two'), 'SIGKILL');
  let after = await shared(['one', 'three'], leaseMs + SOON_MS);
  expect(moved(before, after)).toBeLessThanOrEqual(SHARE);

  before = after;
  workers.set('two', start(GROUP, 'two'));
  after = await shared(NAMES, 10_000);
  expect(moved(before, after)).toBeLessThanOrEqual(SHARE);

  before = after;
  await ended(workers.get('three'), 'SIGTERM');
  after = await shared(['one', 'two'], SOON_MS);
  expect(moved(before, after)).toBeLessThanOrEqual(SHARE);

  before = after;
  workers.set('three', start(GROUP, 'three'));
  after = await shared(NAMES, 10_000);
  expect(moved(before, after)).toBeLessThanOrEqual(SHARE);

  before = after;
  workers.get('one')?.kill('SIGSTOP');
  after = await shared(['two', 'three'], leaseMs + SOON_MS);
  expect(moved(before, after)).toBeLessThanOrEqual(SHARE);

  before = after;
  workers.get('one')?.kill('SIGCONT');
  after = await shared(NAMES, 10_000);
  // what it held when it was stopped it has no more, unless it was given to it anew
  expect(moved(before, after)).toBeLessThanOrEqual(SHARE);

  const said = await load.end();
  await eventually(
    async () => {
      const effects = await effectsOf(GROUP);
      for (const [stream, steps] of said) expect(inOrder(effects, stream)).toEqual([...Array(steps).keys()]);
    },
    { timeoutMs: 15_000 },
  );
}, 60_000);
