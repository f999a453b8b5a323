import { eventually, type TcpProxy, tcpProxy, useRedis } from '@headrace/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppendOptions, type EventStore, openEventStore } from '../src/index.ts';
import { scripts } from '../src/scripts/store-scripts.ts';
import {
  added,
  addedTimes,
  type CounterCommand,
  counter,
  counterRegistry,
  opened,
} from './contract/counter.ts';
import { collect, failureOf, keyed, newStream, streamOn } from './contract/tools.ts';

const isAppend = (request: Buffer): boolean => request.includes(scripts.append.sha);

const quick = {
  registry: counterRegistry,
  commandTimeoutMs: 1_000,
  confirmTimeoutMs: 500,
  connectWaitMs: 5_000,
  outcomeTimeoutMs: 5_000,
};

describe('when replies or requests are lost', () => {
  const redis = useRedis();
  let proxy: TcpProxy;
  let store: EventStore;
  /** Another process, whose network is sound. */
  let other: EventStore;
  beforeAll(async () => {
    proxy = await tcpProxy({ target: redis.url });
    store = await openEventStore({ ...quick, redisUrl: proxy.url, prefix: redis.prefix });
    other = await openEventStore({ ...quick, redisUrl: redis.url, prefix: redis.prefix });
    await store.append(newStream(), [added()]);
  });
  afterAll(async () => {
    await store.close();
    await other.close();
    await proxy.close();
  });

  async function streamOf(events: number): Promise<string> {
    const stream = newStream();
    if (events > 0) await other.append(stream, [opened(), ...addedTimes(events - 1)]);
    return stream;
  }

  async function expectOnce(stream: string, positions: readonly string[], before: number): Promise<void> {
    const events = await collect(other.readStream(stream));
    expect(events.map(({ position }) => position).slice(before)).toEqual(positions);
  }

  const repeatable: [string, number, AppendOptions][] = [
    ['an exact version', 3, { expectedVersion: 3 }],
    ['version 0', 0, { expectedVersion: 0 }],
    ['no stream', 0, { expectedVersion: 'no-stream' }],
    ['a key', 3, { idempotency: keyed('k') }],
    ['a key and an existing stream', 3, { idempotency: keyed('k'), expectedVersion: 'exists' }],
    ['a key and a version', 3, { idempotency: keyed('k'), expectedVersion: 3 }],
    ['a key and no stream', 0, { idempotency: keyed('k'), expectedVersion: 'no-stream' }],
  ];

  it.each(repeatable)(
    'an append with %s whose reply is lost is found done, once',
    async (_, before, options) => {
      const stream = await streamOf(before);
      const dropped = proxy.droppedReplies;
      proxy.dropReplies(isAppend);
      const result = await store.append(stream, addedTimes(3), options);
      expect(proxy.droppedReplies).toBe(dropped + 1);
      expect(result).toMatchObject({ version: before + 3, replayed: true });
      await expectOnce(stream, result.positions, before);
    },
  );

  it('appends that shared the reply that is lost are each found done, once', async () => {
    const streams = Array.from({ length: 10 }, () => streamOn(other, 0));
    const dropped = proxy.droppedReplies;
    proxy.dropReplies(isAppend);
    const appending = streams.map((stream) => store.append(stream, addedTimes(2), { expectedVersion: 0 }));
    const results = await Promise.all(appending);
    expect(proxy.droppedReplies).toBe(dropped + 1);
    for (const [i, stream] of streams.entries()) {
      expect(results[i]).toMatchObject({ stream, version: 2, replayed: true });
      await expectOnce(stream, results[i]?.positions ?? [], 0);
    }
  });

  it.each(repeatable)(
    'an append with %s that never reached Redis is appended, once',
    async (_, before, options) => {
      const stream = await streamOf(before);
      proxy.stall();
      const appending = store.append(stream, addedTimes(3), options);
      await new Promise(setImmediate);
      proxy.cut();
      proxy.resume();
      const result = await appending;
      expect(result).toMatchObject({ version: before + 3, replayed: false });
      await expectOnce(stream, result.positions, before);
    },
  );

  it('replies lost several times in a row lead to the same end', async () => {
    const stream = await streamOf(0);
    proxy.dropReplies(isAppend, 4);
    const result = await store.append(stream, addedTimes(2), { expectedVersion: 0 });
    expect(result).toMatchObject({ version: 2, replayed: true });
    await expectOnce(stream, result.positions, 0);
  });

  it('an append that nothing makes repeatable has an unknown outcome', async () => {
    const stream = await streamOf(1);
    proxy.dropReplies(isAppend);
    const lost = await failureOf(store.append(stream, [added()], { commandId: 'c1' }));
    expect(lost).toMatchObject({ code: 'APPEND_OUTCOME_UNKNOWN', stream, commandId: 'c1' });
    expect(await other.streamVersion(stream)).toBe(2);
    await eventually(() => store.check());
    proxy.stall();
    const unsent = failureOf(store.append(stream, [added()], { expectedVersion: 'exists' }));
    await new Promise(setImmediate);
    proxy.cut();
    proxy.resume();
    expect(await unsent).toMatchObject({ code: 'APPEND_OUTCOME_UNKNOWN' });
    expect(await other.streamVersion(stream)).toBe(2);
    await eventually(() => store.check());
  });

  it('a real conflict stays one', async () => {
    const stream = await streamOf(1);
    proxy.stall();
    const appending = failureOf(store.append(stream, [added(1)], { expectedVersion: 1 }));
    await new Promise(setImmediate);
    proxy.cut();
    await other.append(stream, [added(2)], { expectedVersion: 1 });
    proxy.resume();
    expect(await appending).toMatchObject({ code: 'WRONG_EXPECTED_VERSION', expected: 1, actual: 2 });
    expect(await other.streamVersion(stream)).toBe(2);
  });

  it('another refusal of the second sending does not pass for one of the first', async () => {
    const stream = await streamOf(1);
    const hold = other.keys.hold(other.keys.partitionOf(stream));
    const holdOnceStored = async (): Promise<void> => {
      await eventually(async () => (await other.streamVersion(stream)) === 2, { intervalMs: 1 });
      await other.redis.set(hold, 'x');
    };
    proxy.dropReplies(isAppend, 3);
    const [result] = await Promise.all([
      store.append(stream, [added()], { expectedVersion: 1 }),
      holdOnceStored().then(() => setTimeout(() => void other.redis.del(hold), 500)),
    ]);
    expect(result).toMatchObject({ version: 2, replayed: true });

    proxy.dropReplies(isAppend, 3);
    const [unknown] = await Promise.all([
      failureOf(store.append(stream, [added()], { expectedVersion: 2 })),
      eventually(async () => (await other.streamVersion(stream)) === 3, { intervalMs: 1 }).then(() =>
        other.redis.set(hold, 'x'),
      ),
    ]);
    expect(unknown).toMatchObject({ code: 'APPEND_OUTCOME_UNKNOWN', cause: { code: 'PARTITION_HELD' } });
    await other.redis.del(hold);
  });

  it.each<[string, CounterCommand, number, object]>([
    ['a command', { kind: 'close' }, 2, {}],
    ['a command under a key', { kind: 'close' }, 2, { idempotency: keyed('c') }],
    ['a creation', { kind: 'open', owner: 'ann' }, 0, { creates: true }],
    ['a creation under a key', { kind: 'open', owner: 'ann' }, 0, { creates: true, idempotency: keyed('c') }],
  ])('%s whose reply is lost succeeds, once', async (_, command, before, options) => {
    const stream = await streamOf(before);
    proxy.dropReplies(isAppend);
    const result = await store.handle(counter, stream, command, options);
    expect(result).toMatchObject({ version: before + 1, state: { open: command.kind !== 'close' } });
    await expectOnce(stream, result.positions, before);
  });

  it('many commands at once on a failing line are each carried out once', async () => {
    const streams = await Promise.all(Array.from({ length: 10 }, () => streamOf(1)));
    proxy.dropReplies(isAppend, 5);
    const commands = streams.flatMap((stream) =>
      Array.from({ length: 10 }, () => store.handle(counter, stream, { kind: 'add', by: 1 })),
    );
    await Promise.all(commands);
    for (const stream of streams)
      expect(await other.load(counter, stream)).toMatchObject({ version: 11, state: { total: 10 } });
  });

  it('a durable command whose reply is lost is queued once', async () => {
    const stream = newStream();
    const queue = store.keys.commandQueue(store.keys.partitionOf(stream), 'lost');
    const command = { type: 'Close', category: 'lost', stream, data: {} };
    await store.sendCommand(command);
    proxy.dropReplies((request) => request.includes(scripts.sendCommand.sha));
    expect(await store.sendCommand({ ...command, key: 'e1' })).toMatchObject({ repeated: true });
    proxy.dropReplies((request) => request.includes(scripts.sendCommand.sha));
    expect(await store.sendCommand(command)).toMatchObject({ repeated: false });
    expect(await other.redis.xlen(queue)).toBe(3);
  });

  it('a claim whose reply is lost is found made, and one that never reached Redis is made', async () => {
    const isClaim = (request: Buffer): boolean => request.includes(scripts.claimKey.sha);
    const request = keyed(newStream());
    const stream = await streamOf(0);
    const append = () =>
      store.underKey(request, () => store.append(stream, [added()], { idempotency: request }));
    const dropped = proxy.droppedReplies;
    proxy.dropReplies(isClaim, 2);
    expect(await append()).toMatchObject({ version: 1, replayed: false });
    expect(proxy.droppedReplies).toBe(dropped + 2);
    const theirs = other.underKey({ ...request, route: 'other' }, async () => 'done');
    expect(await failureOf(theirs)).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });

    const unsent = keyed(newStream());
    proxy.stall();
    const claiming = store.underKey(unsent, async () => 'done');
    await new Promise(setImmediate);
    proxy.cut();
    proxy.resume();
    expect(await claiming).toBe('done');
    expect(await other.redis.exists(other.keys.claim(unsent.key))).toBe(1);
  });

  it('a claim whose reply is lost, and that another request has made meanwhile, is refused', async () => {
    const request = keyed(newStream());
    proxy.stall();
    const claiming = failureOf(store.underKey(request, async () => 'done'));
    await new Promise(setImmediate);
    proxy.cut();
    await other.underKey({ ...request, route: 'other' }, async () => 'done');
    proxy.resume();
    expect(await claiming).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('an append on a line that hangs is settled when it moves again', async () => {
    const stream = await streamOf(1);
    proxy.stall();
    const appending = store.append(stream, addedTimes(2), { expectedVersion: 1 });
    const unkeyed = failureOf(store.append(stream, [added()], { commandId: 'c2' }));
    expect(await unkeyed).toMatchObject({ code: expect.stringMatching(/OUTCOME_UNKNOWN|UNAVAILABLE/) });
    proxy.resume();
    const outcome = await appending.catch((error: unknown) => error);
    // the one without a version may have gone through first
    if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'WRONG_EXPECTED_VERSION' });
    const stored = await collect(other.readStream(stream));
    const ids = stored.map(({ meta, data }) => `${meta.commandId}${JSON.stringify(data)}`);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('reads on a line that hangs fail in bounded time, and work on a new one', async () => {
    const stream = await streamOf(1);
    proxy.stall();
    const started = performance.now();
    expect(await failureOf(store.streamVersion(stream))).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(performance.now() - started).toBeLessThan(10_000);
    await eventually(async () => expect(proxy.connections).toBeGreaterThan(0));
    proxy.resume();
    await eventually(async () => expect(await store.streamVersion(stream)).toBe(1));
  });
});
