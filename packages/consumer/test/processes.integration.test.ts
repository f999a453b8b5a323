import { eventually } from '@headrace/test-kit';
import { describe, expect, it } from 'vitest';
import { createEventConsumer } from '../src/index.ts';
import { newOrder, orderOn, say } from './support/orders.ts';
import { inOrder, useWorkers } from './support/workers.ts';

const { partitions, store, start: startWorker, effectsOf } = useWorkers();

/** What a killed one had in hand is handled event by event, however slow the machine. */
const PATIENTLY = { timeoutMs: 30_000 };

const steps = Array.from({ length: 20 }, (_, i) => i);

async function sayAll(streams: readonly string[]): Promise<void> {
  for (const step of steps) await Promise.all(streams.map((stream) => say(store(), stream, `${step}`)));
}

describe('workers as processes', () => {
  it('lose nothing and keep each stream’s order when one is killed under load', async () => {
    const group = 'killed';
    const streams = Array.from({ length: 12 }, newOrder);
    const [first] = [startWorker(group, 'one'), startWorker(group, 'two')];
    await eventually(async () => {
      await say(store(), newOrder(), 'warm-up');
      expect(new Set((await effectsOf(group)).map(({ instance }) => instance))).toEqual(
        new Set(['one', 'two']),
      );
    });
    const saying = sayAll(streams);
    await eventually(async () => expect((await effectsOf(group)).length).toBeGreaterThan(40), {
      intervalMs: 2,
    });
    first?.kill('SIGKILL');
    await saying;
    await eventually(async () => {
      const effects = await effectsOf(group);
      for (const stream of streams) expect(inOrder(effects, stream)).toEqual(steps);
    }, PATIENTLY);
  }, 60_000);

  it('take over from one that was stopped, which changes nothing when it wakes up', async () => {
    const group = 'stopped';
    const zombie = startWorker(group, 'zombie');
    const streams = Array.from({ length: 8 }, newOrder);
    await eventually(async () => {
      await say(store(), newOrder(), 'warm-up');
      expect(await effectsOf(group)).not.toHaveLength(0);
    });
    zombie.kill('SIGSTOP');
    await sayAll(streams);
    startWorker(group, 'heir');
    await eventually(async () => {
      const effects = await effectsOf(group);
      for (const stream of streams) expect(inOrder(effects, stream)).toEqual(steps);
    }, PATIENTLY);
    const before = await effectsOf(group);
    zombie.kill('SIGCONT');
    const after = orderOn(store(), 0);
    await sayAll([after]);
    await eventually(async () => expect(inOrder(await effectsOf(group), after)).toEqual(steps));
    const late = (await effectsOf(group))
      .slice(before.length)
      .filter(({ instance }) => instance === 'zombie');
    // it may have joined again, but never handles what its heir has done
    for (const { stream } of late) expect(streams).not.toContain(stream);
    // the last one is acknowledged after its effect
    await eventually(async () => {
      for (let partition = 0; partition < partitions; partition += 1) {
        const pending = await store().redis.xpending(store().keys.log(partition), group);
        expect(pending[0]).toBe(0);
      }
    });
  }, 60_000);

  it('park an event that kills them after three deaths, and none of its neighbours', async () => {
    const group = 'deadly';
    const deadly = orderOn(store(), 1);
    const neighbours = Array.from({ length: 10 }, () => orderOn(store(), 1));
    for (const stream of neighbours.slice(0, 5)) await say(store(), stream, '0');
    await say(store(), deadly, 'deadly');
    for (const stream of neighbours.slice(5)) await say(store(), stream, '0');
    let deaths = 0;
    let isOver = false;
    startWorker(group, 'life-0').on('exit', function again() {
      if (isOver) return;
      deaths += 1;
      startWorker(group, `life-${deaths}`).on('exit', again);
    });
    const observer = createEventConsumer({
      onError: () => undefined,
      store: store(),
      group,
      instance: 'observer',
      handler: { handle: async () => undefined },
    });
    try {
      await eventually(
        async () => {
          expect((await observer.admin.deadLetters({ limit: 10 })).letters).toMatchObject([
            { stream: deadly, cause: 'poison', error: 'Error: the process died 3 times while handling this' },
          ]);
          const effects = await effectsOf(group);
          for (const stream of neighbours) expect(inOrder(effects, stream)).toEqual([0]);
        },
        { timeoutMs: 25_000 },
      );
      // the first death tells nothing about which of a batch was to blame; then three singly
      expect(deaths).toBe(4);
      // an operator who has not mended it costs one process, not all of them one after the other
      expect(await observer.admin.requestRetry(deadly)).toBe(true);
      await eventually(
        async () =>
          expect((await observer.admin.deadLetters({ limit: 10 })).letters).toMatchObject([
            { stream: deadly, error: 'Error: the process died while handling this again' },
          ]),
        { timeoutMs: 15_000 },
      );
      expect(deaths).toBe(5);
      // nor does the next one count what was before
      expect(await observer.admin.requestRetry(deadly)).toBe(true);
      await eventually(() => expect(deaths).toBe(6), { timeoutMs: 15_000 });
    } finally {
      isOver = true;
      await observer.stop();
    }
  }, 60_000);
});
