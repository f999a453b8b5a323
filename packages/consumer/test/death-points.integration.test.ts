import type { ChildProcess } from 'node:child_process';
import { eventually } from '@headrace/test-kit';
import { describe, expect, it } from 'vitest';
import { createEventConsumer } from '../src/index.ts';
import { newOrder, say } from './support/orders.ts';
import { inOrder, useWorkers } from './support/workers.ts';

const { store, start: startWorker, effectsOf } = useWorkers();

/** Whether the process dies before everything is done, so that it no longer comes to the point where it would. */
async function diesFirst(child: ChildProcess, assertDone: () => Promise<void>): Promise<boolean> {
  let isDead = false;
  child.once('exit', (_, signal) => {
    isDead = signal === 'SIGKILL';
  });
  await eventually(() => (isDead ? undefined : assertDone()), { timeoutMs: 25_000 });
  return isDead;
}

describe('workers that die at a point', () => {
  // Three deaths with the same event in hand would convict it.
  it.each([
    ['parked an event and before their next step', { script: 'park', when: 'after' }, 5],
    ['handled events and before they acknowledge them', { script: 'acknowledge', when: 'before' }, 2],
    ['acknowledged events and before their next step', { script: 'acknowledge', when: 'after' }, 5],
    ['fetched events and before they handle them', { script: 'fetch', when: 'after' }, 5],
  ] as const)(
    'lose nothing when they die once they have %s',
    async (_, death, lives) => {
      const group = `dies-${death.when}-${death.script}`;
      const bad = Array.from({ length: 6 }, newOrder);
      // more than a worker has under way at once, which is ten events of each partition
      const good = Array.from({ length: 30 }, newOrder);
      for (const stream of bad) await say(store(), stream, 'poison', '1', '2');
      for (const stream of good) await say(store(), stream, '0', '1', '2');
      const observer = createEventConsumer({
        onError: () => undefined,
        store: store(),
        group,
        instance: 'observer',
        handler: { handle: async () => undefined },
      });
      const assertDone = async (): Promise<void> => {
        const effects = await effectsOf(group);
        for (const stream of good) expect(inOrder(effects, stream)).toEqual([0, 1, 2]);
        const letters = (await observer.admin.deadLetters({ limit: 1_000 })).letters.filter(({ stream }) =>
          bad.includes(stream),
        );
        for (const stream of bad) {
          const parked = letters.filter((letter) => letter.stream === stream);
          expect(parked.map(({ cause, event }) => [cause, event?.version])).toEqual([
            ['poison', 1],
            ['blocked', 2],
            ['blocked', 3],
          ]);
          expect(inOrder(effects, stream)).toEqual([]);
        }
      };
      try {
        let deaths = 0;
        while (deaths < lives && (await diesFirst(startWorker(group, `life-${deaths}`, death), assertDone)))
          deaths += 1;
        expect(deaths).toBeGreaterThanOrEqual(2);
        startWorker(group, 'last');
        await eventually(assertDone, { timeoutMs: 25_000 });
      } finally {
        await observer.stop();
      }
    },
    60_000,
  );
});
