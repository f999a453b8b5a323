import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { type OwnServer, startOwnRedis } from '@headrace/test-kit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type EventStore, openEventStore } from '../src/index.ts';
import { added, counterRegistry } from './contract/counter.ts';
import { collect, newStream } from './contract/tools.ts';

let server: OwnServer;
let store: EventStore;
beforeEach(async () => {
  server = await startOwnRedis();
  store = await openEventStore({ redisUrl: server.url, registry: counterRegistry, partitions: 1 });
});
afterEach(async () => {
  await store.close();
  await server.close();
});

async function killAndStart(whileDown: () => Promise<void> = async () => undefined): Promise<void> {
  await store.close();
  await server.kill('SIGKILL');
  await whileDown();
  await server.restart();
  store = await openEventStore({ redisUrl: server.url, registry: counterRegistry, partitions: 1 });
}

async function appendOnlyFile(): Promise<string> {
  const dir = `${server.dir}/appendonlydir`;
  return `${dir}/${(await readdir(dir)).find((name) => name.endsWith('.incr.aof'))}`;
}

/** Takes bytes off the end, as when Redis is killed in the middle of a write. */
async function tearOff(bytes: number): Promise<void> {
  const file = await appendOnlyFile();
  await truncate(file, (await stat(file)).size - bytes);
}

// an append is MULTI, XADD, RPUSH, EXEC in the file: 5 bytes are within EXEC, 14 are all of it, 60 reach into RPUSH,
// and 200 into XADD
it.each([5, 14, 60, 200])(
  'an append that was torn off by %i bytes is gone for good, and nothing else is',
  async (bytes) => {
    const stream = newStream();
    await store.append(stream, [added(1)]);
    await store.append(stream, [added(2)]);
    await killAndStart(() => tearOff(bytes));
    expect(await store.streamVersion(stream)).toBe(1);
    await store.append(stream, [added(3)]);
    await killAndStart();
    const events = await collect(store.readLog());
    expect(events.map(({ version, data }) => [version, data])).toEqual([
      [1, added(1).data],
      [2, added(3).data],
    ]);
    expect((await store.verify(0)).problems).toEqual([]);
  },
);

it('a file that is damaged in the middle is left as it is, and Redis does not start on it', async () => {
  await store.append(newStream(), [added(1)]);
  await store.append(newStream(), [added(2)]);
  await store.close();
  await server.kill('SIGKILL');
  const file = await appendOnlyFile();
  const sound = await readFile(file);
  const damaged = Buffer.concat([sound.subarray(0, 100), Buffer.from('damage'), sound.subarray(100)]);
  await writeFile(file, damaged);
  await expect(server.restart()).rejects.toThrow('Bad file format');
  expect(await readFile(file)).toEqual(damaged);
  await writeFile(file, sound);
  await server.restart();
});
