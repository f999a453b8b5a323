import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { eventually, type OwnServer, startOwnRedis } from '@headrace/test-kit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type EventStore, openEventStore } from '../src/index.ts';
import { added, counterRegistry } from './contract/counter.ts';
import { collect, failureOf, newStream } from './contract/tools.ts';

let server: OwnServer;
let store: EventStore;
const open = async (): Promise<EventStore> =>
  await openEventStore({ redisUrl: server.url, registry: counterRegistry, partitions: 1 });
beforeEach(async () => {
  server = await startOwnRedis();
  store = await open();
});
afterEach(async () => {
  await store.close();
  await server.close();
});

/** No file of the server may grow further than this beyond what the append-only file has: as if the disk were full. */
async function leaveRoomFor(bytes: number): Promise<void> {
  const dir = `${server.dir}/appendonlydir`;
  const sizes = (await readdir(dir)).map(async (name) => (await stat(`${dir}/${name}`)).size);
  const limit = Math.max(...(await Promise.all(sizes))) + bytes;
  await promisify(execFile)('prlimit', ['--pid', String(server.pid), `--fsize=${limit}`]);
}

async function restarted(): Promise<void> {
  await store.close();
  // it may still be ending by itself
  await server.kill('SIGKILL').catch(() => undefined);
  await server.restart();
  store = await open();
}

const large = { ...added(1), meta: { note: 'x'.repeat(50_000) } };

it('a full disk loses nothing that was acknowledged, and everything goes on when there is room', async () => {
  const stream = newStream();
  await store.append(stream, [added(1)]);
  await leaveRoomFor(300_000);
  let acknowledged = 1;
  const failure = await failureOf(
    (async () => {
      for (;;) {
        await store.append(stream, [large]);
        acknowledged += 1;
      }
    })(),
  );
  expect(failure).toMatchObject({
    code: expect.stringMatching(/^(APPEND_OUTCOME_UNKNOWN|STORE_UNAVAILABLE)$/),
  });
  expect(acknowledged).toBeGreaterThan(3);
  await eventually(async () =>
    expect(await failureOf(store.append(stream, [added(1)]))).toMatchObject({ code: 'STORE_UNAVAILABLE' }),
  );

  // started again on a disk that is still full, it can be read
  await restarted();
  await leaveRoomFor(1_000);
  expect(await collect(store.readStream(stream))).toHaveLength(acknowledged);
  await failureOf(store.append(stream, [large]));

  await restarted();
  await store.append(stream, [added(7)]);
  const events = await collect(store.readLog());
  expect(events.map(({ version }) => version)).toEqual(
    Array.from({ length: acknowledged + 1 }, (_, i) => i + 1),
  );
  expect(events.at(-1)?.data).toEqual(added(7).data);
  expect((await store.verify(0)).problems).toEqual([]);
});
