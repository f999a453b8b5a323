import { describe, expect, it } from 'vitest';
import { added, counterRegistry } from './counter.ts';
import { collect, failureOf, keyed, newStream, type OpenStore, prefixOf, useStore } from './tools.ts';

export function logContract(openStore: OpenStore): void {
  describe('the log', () => {
    const store = useStore(openStore);
    const other = useStore(openStore);

    it('is refused to a service with another number of partitions', async () => {
      const partitions = store().partitions + 1;
      const mismatch = openStore({ registry: counterRegistry, prefix: prefixOf(store()), partitions });
      const failure = await failureOf(mismatch);
      expect(failure).toMatchObject({ code: 'LOG_MISMATCH' });
      expect((failure as Error).message).toContain(`LOG_PARTITIONS=${store().partitions}`);
      const again = await openStore({ registry: counterRegistry, prefix: prefixOf(store()) });
      await again.close();
    });

    it('is refused when its layout is of another release', async () => {
      const foreign = await openStore({ registry: counterRegistry });
      await foreign.redis.hset(foreign.keys.meta, 'layout', 99);
      const mismatch = openStore({ registry: counterRegistry, prefix: prefixOf(foreign) });
      expect(await failureOf(mismatch)).toMatchObject({ code: 'LOG_MISMATCH' });
      await foreign.close();
    });

    it('is apart from that of another prefix', async () => {
      const stream = newStream();
      await store().append(stream, [added()], { idempotency: keyed('k') });
      expect(await other().streamVersion(stream)).toBe(0);
      expect(await collect(other().readLog())).toEqual([]);
      const elsewhere = await other().append(stream, [added()], { idempotency: keyed('k') });
      expect(elsewhere).toMatchObject({ version: 1, replayed: false });
    });

    it('keeps its keys where redis-cli is expected to find them', async () => {
      const isolated = await openStore({ registry: counterRegistry });
      const stream = newStream();
      await isolated.append(stream, [added()], { idempotency: keyed('k') });
      await isolated.saveSnapshot(stream, { version: 1, foldVersion: 1, state: {} });
      const command = { type: 'T', category: 'counter', stream, data: {} };
      const { commandId } = await isolated.sendCommand(command);
      const partition = isolated.keys.partitionOf(stream);
      const prefix = prefixOf(isolated);
      const tag = isolated.keys.log(partition).slice(prefix.length + 1, -':log'.length);
      const keys = await isolated.redis.keys(`${prefix}:*`);
      const types = await Promise.all(
        keys.map(async (key) => [key.replace(`${prefix}:`, ''), await isolated.redis.type(key)]),
      );
      expect(Object.fromEntries(types)).toEqual({
        meta: 'hash',
        [`${tag}:log`]: 'stream',
        [`${tag}:stream:${stream}`]: 'list',
        [`${tag}:snapshots:${stream}`]: 'hash',
        [isolated.keys.idempotency(stream, ['ann', 'add', 'k']).replace(`${prefix}:`, '')]: 'string',
        [`${tag}:commands:counter`]: 'stream',
        [`${tag}:command:${commandId}`]: 'hash',
        [`${tag}:count:streams`]: 'string',
        [`${tag}:count:commands`]: 'string',
      });
      expect(tag).toMatch(/^\{\d+(\.\d+)?\}$/);
      expect(await isolated.redis.hgetall(isolated.keys.meta)).toEqual({
        partitions: String(isolated.partitions),
        layout: '1',
        id: isolated.logId(),
        createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
        server: expect.stringMatching(/^[0-9a-f]{40}$/),
      });
      await isolated.close();
    });

    it('answers a check while it is up, and refuses everything once closed', async () => {
      const closed = await openStore({ registry: counterRegistry });
      await closed.check();
      await closed.close();
      const works = [
        () => closed.check(),
        () => closed.append(newStream(), [added()]),
        () => closed.streamVersion(newStream()),
        () => closed.sendCommand({ type: 'T', category: 'counter', stream: newStream(), data: {} }),
        () => closed.rebuildIndex(0),
      ];
      for (const work of works) expect(await failureOf(work())).toMatchObject({ code: 'STORE_UNAVAILABLE' });
      await closed.close();
    });
  });
}
