import { describe, expect, it } from 'vitest';
import { added, addedTimes } from './counter.ts';
import { failureOf, keyed, newStream, type OpenStore, useStore } from './tools.ts';

export function totalsContract(openStore: OpenStore): void {
  describe('the totals', () => {
    const store = useStore(openStore);

    it('count events, streams and commands, each once', async () => {
      expect(await store().totals()).toEqual({ events: 0, streams: 0, commands: 0 });
      const streams = Array.from({ length: 20 }, newStream);
      for (const stream of streams) await store().append(stream, addedTimes(3), { idempotency: keyed('k') });
      for (const stream of streams) await store().append(stream, addedTimes(3), { idempotency: keyed('k') });
      await store().append(streams[0] ?? '', [added()], { expectedVersion: 3 });
      await failureOf(store().append(newStream(), [added()], { expectedVersion: 'exists' }));
      expect(await store().totals()).toEqual({ events: 61, streams: 20, commands: 0 });

      for (const stream of streams) {
        const command = { type: 'CloseCounter', category: 'counter', stream, data: {} };
        await store().sendCommand({ ...command, key: 'a' });
        await store().sendCommand({ ...command, key: 'a' });
        const ending = { type: 'CloseCounter', stream, result: {}, commandId: store().newCommandId(stream) };
        await store().recordCommand({ ...ending, status: 'failed' });
        await store().recordCommand({ ...ending, status: 'completed' });
      }
      expect(await store().totals()).toEqual({ events: 61, streams: 20, commands: 40 });
    });

    it('are mended with the index', async () => {
      const stream = newStream();
      await store().append(stream, [added()]);
      const partition = store().keys.partitionOf(stream);
      const { streams } = await store().totals();
      await store().redis.set(store().keys.count(partition, 'streams'), 1_000);
      const { ok, problems } = await store().verify(partition);
      expect(ok).toBe(false);
      expect(problems).toEqual([
        expect.stringMatching(/^the index is of \d+ streams, and 1000 were counted$/),
      ]);
      await store().rebuildIndex(partition);
      expect(await store().totals()).toMatchObject({ streams });
      expect((await store().verify(partition)).problems).toEqual([]);
    });
  });
}
