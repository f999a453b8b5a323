import { comparePositions, recordedMsOf } from '@headrace/event-schema';
import { describe, expect, it } from 'vitest';
import type { EventStore } from '../../src/index.ts';
import { added } from './counter.ts';
import { byHand, failureOf, logLength, newStream, type OpenStore, streamOn, useStore } from './tools.ts';

export function causalTimeContract(openStore: OpenStore): void {
  describe('causal time', () => {
    const store = useStore(openStore);
    const ahead = useStore(openStore);

    async function serverMs(on: EventStore): Promise<number> {
      const [seconds, micros] = await on.redis.time();
      return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
    }

    it('sorts every effect after its cause, across partitions', async () => {
      let cause: string | undefined;
      const chain: string[] = [];
      for (let i = 0; i < 50; i += 1) {
        const stream = streamOn(store(), i % store().partitions);
        const { positions } = await store().append(stream, [added()], cause === undefined ? {} : { cause });
        cause = positions[0] ?? '';
        chain.push(cause);
      }
      expect([...chain].sort(comparePositions)).toEqual(chain);
    });

    it('sorts an effect after a cause of the near future, and what follows after that', async () => {
      const causeMs = (await serverMs(store())) + 5_000;
      const stream = newStream();
      const cause = `0-${causeMs}-7`;
      const first = await store().append(stream, [added(), added()], { cause });
      expect(first.positions.map(recordedMsOf)).toEqual([causeMs + 1, causeMs + 1]);
      const second = await store().append(stream, [added()]);
      const third = await store().append(stream, [added()], { cause });
      const all = [cause, ...first.positions, ...second.positions, ...third.positions];
      const [own] = first.positions[0]?.split('-') ?? [];
      const order = all.map((position) => position.replace(/^\d+/, own ?? ''));
      expect([...order].sort(comparePositions)).toEqual(order);
    });

    it('names the cause as the causation, unless told otherwise', async () => {
      const cause = `0-${await serverMs(store())}-0`;
      const { positions } = await store().append(newStream(), [added()], { cause });
      const told = await store().append(newStream(), [added()], { cause, causationId: 'command-1' });
      expect((await store().readEvent(positions[0] ?? ''))?.meta.causationId).toBe(cause);
      expect((await store().readEvent(told.positions[0] ?? ''))?.meta.causationId).toBe('command-1');
    });

    it('refuses a cause more than 60 s ahead', async () => {
      const stream = newStream();
      const before = await logLength(store(), stream);
      const cause = `0-${(await serverMs(store())) + 61_000}-0`;
      const refusal = await failureOf(store().append(stream, [added()], { cause }));
      expect(refusal).toMatchObject({ code: 'CLOCK_AHEAD' });
      expect((refusal as { aheadMs: number }).aheadMs).toBeGreaterThan(60_000);
      expect(await logLength(store(), stream)).toBe(before);
    });

    it('goes on while the log is ahead of the clock, up to 60 s', async () => {
      const log = ahead().keys.log(0);
      const now = await serverMs(ahead());
      const fields = Object.entries(byHand('counter:x', 1, 1)).flat();
      await ahead().redis.xadd(log, `${now + 30_000}-3`, ...fields);
      const stream = streamOn(ahead(), 0);
      const { positions } = await ahead().append(stream, [added(), added()], { cause: `0-${now}-0` });
      expect(positions).toEqual([`0-${now + 30_000}-4`, `0-${now + 30_000}-5`]);

      await ahead().redis.xadd(log, `${now + 120_000}-0`, ...fields);
      const before = await ahead().redis.xlen(log);
      const refusal = await failureOf(ahead().append(stream, [added()]));
      expect(refusal).toMatchObject({ code: 'CLOCK_AHEAD' });
      expect(await ahead().redis.xlen(log)).toBe(before);
      expect(await ahead().streamVersion(stream)).toBe(2);
    });
  });
}
