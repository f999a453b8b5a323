import { describe, expect, it } from 'vitest';
import { added, addedTimes } from './counter.ts';
import { failureOf, keyed, newStream, type OpenStore, useStore } from './tools.ts';

export function measuresContract(openStore: OpenStore): void {
  describe('what a store tells of itself', () => {
    const store = useStore(openStore);

    it('counts appends by how they ended, and how long those took that stored events', async () => {
      const stream = newStream();
      await store().append(stream, addedTimes(3), { idempotency: keyed('k') });
      await store().append(stream, addedTimes(3), { idempotency: keyed('k') });
      await failureOf(store().append(stream, [added()], { expectedVersion: 7 }));
      await failureOf(store().append(stream, [{ type: 'CounterAdded', data: { by: 'one' } }]));
      await failureOf(store().append(stream, [added()], { idempotency: keyed('k', { by: 2 }) }));
      await failureOf(store().append('no name', [added()]));
      const { outcomes, events, durations } = store().appendStats();
      expect(outcomes).toEqual({ appended: 1, repeated: 1, conflict: 1, refused: 3, failed: 0 });
      expect(events).toBe(3);
      expect(durations).toMatchObject({ count: 1, sumSeconds: expect.any(Number) });
      expect(durations.sumSeconds).toBeGreaterThan(0);
      expect(durations.inBucket.reduce((sum, one) => sum + one, 0)).toBe(1);
    });

    it('counts what a store that cannot be reached did not take', async () => {
      const closed = await openStore({ registry: store().registry });
      await closed.close();
      await failureOf(closed.append(newStream(), [added()]));
      expect(closed.appendStats().outcomes).toMatchObject({ failed: 1, refused: 0 });
    });

    it('knows the server’s memory, and how far the log is ahead of its clock', async () => {
      await store().append(newStream(), [added()]);
      const { memory, clockLeadSeconds } = await store().serverStatus();
      expect(memory?.usedBytes).toBeGreaterThan(500_000);
      expect(memory?.maxBytes).toBeGreaterThanOrEqual(0);
      expect(clockLeadSeconds).toBe(0);
      const log = store().keys.log(store().partitions - 1);
      await store().redis.xadd(log, `${Date.now() + 30_000}-0`, 'stream', 'counter:ahead');
      const ahead = await store().serverStatus();
      expect(ahead.clockLeadSeconds).toBeGreaterThan(20);
      expect(ahead.clockLeadSeconds).toBeLessThan(31);
    });

    it('knows the server’s disk where something beside it tells', async () => {
      const disk = async () => (await store().serverStatus()).disk;
      expect(await disk()).toBeNull();
      const { redis, keys } = store();
      await redis.set(keys.disk, '12345 67890', 'EX', 300);
      expect(await disk()).toEqual({ freeBytes: 12_345, totalBytes: 67_890 });
      await redis.set(keys.disk, 'nonsense');
      expect(await disk()).toBeNull();
    });
  });
}
