import { createRegistry, recordedMsOf } from '@headrace/event-schema';
import { openEventStore } from '@headrace/event-store';
import { usePostgres, useRedis } from '@headrace/test-kit';
import { expect, it } from 'vitest';
import { createDatabase, prepareProjections, safeUpTo } from '../src/index.ts';
import { notes } from './support/notes.ts';
import { startWorker } from './support/worker.ts';

const postgres = usePostgres();
const redis = useRedis();

it('is held up by the slowest partition, and not by one with nothing to do', async () => {
  const database = createDatabase<unknown>({ url: postgres.url, schema: postgres.schema, migrations: {} });
  const store = await openEventStore({
    redisUrl: redis.url,
    prefix: redis.prefix,
    partitions: 3,
    registry: createRegistry([]),
    durability: 'memory',
  });
  try {
    await database.migrate();
    await prepareProjections(database, [notes]);
    const streamOn = (partition: number): string => {
      for (let i = 0; ; i += 1) if (store.keys.partitionOf(`note:${i}`) === partition) return `note:${i}`;
    };
    const data = { key: 'a', add: 1, text: null, remove: false };
    const append = async (partition: number): Promise<string> => {
      const { positions } = await store.append(streamOn(partition), [{ type: 'Noted', data }]);
      return positions[0] ?? '';
    };
    const handled = async (partition: number, position: string): Promise<void> => {
      const event = await store.readEvent(position);
      if (event === null) throw new Error('it was appended');
      await (await startWorker(database, notes, partition)).apply([event]);
    };
    const empty = await safeUpTo(store, database, notes.name);
    const first = await append(0);
    expect(empty).toBeLessThanOrEqual(recordedMsOf(first));
    expect(await safeUpTo(store, database, notes.name)).toBe(0);
    await handled(0, first);
    expect(await safeUpTo(store, database, notes.name)).toBeGreaterThanOrEqual(recordedMsOf(first));
    const second = await append(1);
    expect(await safeUpTo(store, database, notes.name)).toBe(0);
    await handled(1, second);
    await append(0);
    expect(await safeUpTo(store, database, notes.name)).toBe(recordedMsOf(first));
  } finally {
    await store.close();
    await database.close();
  }
});
