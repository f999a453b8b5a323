import { beforeAll, describe, expect, it } from 'vitest';
import { addedTimes, counter, opened } from './counter.ts';
import { newStream, type OpenStore, useStore } from './tools.ts';

export function longFoldContract(openStore: OpenStore): void {
  describe('folding a long stream', () => {
    const store = useStore(openStore);
    const stream = newStream();
    beforeAll(async () => {
      await store().append(stream, [opened(), ...addedTimes(499)]);
    });

    /** How many events were handled at most before anything else in the process had its turn. */
    async function mostInATurn(work: (handled: () => void) => Promise<unknown>): Promise<number> {
      let most = 0;
      let inTurn = 0;
      let turn: NodeJS.Immediate | undefined;
      const nextTurn = (): void => {
        inTurn = 0;
        turn = setImmediate(nextTurn);
      };
      nextTurn();
      await work(() => {
        spin();
        inTurn += 1;
        most = Math.max(most, inTurn);
      });
      clearImmediate(turn);
      return most;
    }

    /** Works for a millisecond, as a fold of a large state does. */
    function spin(): void {
      const until = performance.now() + 1;
      while (performance.now() < until);
    }

    it('lets the event loop run other work, from the first page on', async () => {
      const most = await mostInATurn(async (handled) => {
        const evolve: typeof counter.evolve = (state, event, context) => {
          handled();
          return counter.evolve(state, event, context);
        };
        const { version } = await store().load({ ...counter, evolve }, stream);
        expect(version).toBe(500);
      });
      expect(most).toBeLessThan(25);
    });

    it('does so however many folds there are at once', async () => {
      const most = await mostInATurn(async (handled) => {
        const evolve: typeof counter.evolve = (state, event, context) => {
          handled();
          return counter.evolve(state, event, context);
        };
        const version = 120;
        const loads = Array.from({ length: 10 }, () =>
          store().load({ ...counter, foldVersion: 7, evolve }, stream, { version }),
        );
        expect(await Promise.all(loads)).toMatchObject(loads.map(() => ({ version })));
      });
      expect(most).toBeLessThan(25);
    });

    it('does so for every reader', async () => {
      const most = await mostInATurn(async (handled) => {
        for await (const _ of store().readStream(stream)) handled();
      });
      expect(most).toBeLessThan(25);
    });
  });
}
