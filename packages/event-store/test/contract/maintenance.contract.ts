import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EventStore } from '../../src/index.ts';
import { added, addedTimes, counter, counterRegistry, opened } from './counter.ts';
import {
  addByHand,
  byHand,
  collect,
  failureOf,
  type OpenStore,
  prefixOf,
  streamOn,
  useStore,
} from './tools.ts';

export function maintenanceContract(openStore: OpenStore): void {
  describe('verify and rebuild of the index', () => {
    let store: EventStore;
    let streams: string[] = [];
    const partition = 0;

    beforeEach(async () => {
      store = await openStore({ registry: counterRegistry });
      streams = Array.from({ length: 7 }, () => streamOn(store, partition));
      for (const stream of streams) await store.append(stream, [opened(), ...addedTimes(80)]);
      return () => store.close();
    });

    async function indexes(): Promise<string[][]> {
      return await Promise.all(streams.map((stream) => store.redis.lrange(store.keys.stream(stream), 0, -1)));
    }

    it('finds nothing wrong with what appends have written', async () => {
      const report = await store.verify(partition);
      expect(report).toEqual({ partition, events: 7 * 81, streams: 7, problems: [], ok: true });
    });

    it('names what was deleted, garbled, or belongs to no event; and mends it', async () => {
      const before = await indexes();
      const [one = '', two = '', three = ''] = streams;
      const vanished = streamOn(store, partition);
      await store.redis.del(store.keys.stream(one));
      await store.redis.lset(store.keys.stream(two), 3, '1-1');
      await store.redis.rpush(store.keys.stream(three), '5-5');
      await store.redis.rpush(store.keys.stream(vanished), '6-6', '7-7');
      const report = await store.verify(partition);
      expect(report.ok).toBe(false);
      expect(report.problems.filter((problem) => problem.includes(`"${one}" names nothing`))).not.toEqual([]);
      expect(report.problems.filter((problem) => problem.includes(two))).toHaveLength(1);

      const rebuilt = await store.rebuildIndex(partition);
      expect(rebuilt).toEqual({ partition, events: 7 * 81, streams: 7, misnumbered: [] });
      expect(await indexes()).toEqual(before);
      expect(await store.redis.exists(store.keys.stream(vanished))).toBe(0);
      expect(await store.verify(partition)).toMatchObject({ ok: true, streams: 7 });
      await store.append(one, [added()], { expectedVersion: 81 });
    });

    it('reports an index entry too many by the totals alone', async () => {
      await store.redis.rpush(store.keys.stream(streamOn(store, partition)), '6-6');
      const { ok, problems } = await store.verify(partition);
      expect(ok).toBe(false);
      expect(problems).toEqual([
        `the log holds ${7 * 81} events, the index names ${7 * 81 + 1}`,
        'the index is of 8 streams, and 7 were counted',
      ]);
    });

    it('takes an event written by hand into the index, in the order of the log', async () => {
      const fresh = streamOn(store, partition);
      const positions = [
        await addByHand(store, partition, byHand(fresh, 1, 3)),
        await addByHand(store, partition, byHand(fresh, 1, 4)),
      ];
      expect((await store.verify(partition)).ok).toBe(false);
      expect((await store.rebuildIndex(partition)).misnumbered).toEqual([positions[1]]);
      const events = await collect(store.readStream(fresh));
      expect(events.map(({ version, data }) => [version, data])).toEqual([
        [1, { by: 3, unit: 'piece' }],
        [2, { by: 4, unit: 'piece' }],
      ]);
      expect(await store.load(counter, fresh)).toMatchObject({ version: 2 });
      await store.append(fresh, [added()], { expectedVersion: 2 });
    });

    it('loads a long stream whose entries misstate their versions by their places', async () => {
      const fresh = streamOn(store, partition);
      await store.append(fresh, [opened()]);
      for (let i = 0; i < 150; i += 1) await addByHand(store, partition, byHand(fresh, 1, 1));
      await store.rebuildIndex(partition);
      expect(await store.load(counter, fresh)).toMatchObject({ version: 151, state: { total: 150 } });
      const result = await store.handle(counter, fresh, { kind: 'add', by: 1 });
      expect(result.version).toBe(152);
    });

    it('leaves entries without a stream of this partition out, and names them', async () => {
      const nowhere = await addByHand(store, partition, { note: 'x' });
      const report = await store.rebuildIndex(partition);
      expect(report.misnumbered).toEqual([nowhere]);
      expect((await store.verify(partition)).problems[0]).toContain(nowhere);
    });

    it('refuses writers while it holds the partition, and lets readers read', async () => {
      const [stream = ''] = streams;
      await store.redis.set(store.keys.hold(partition), 'another');
      const before = await store.redis.xlen(store.keys.log(partition));
      expect(await failureOf(store.append(stream, [added()]))).toMatchObject({
        code: 'PARTITION_HELD',
        partition,
      });
      expect(await store.redis.xlen(store.keys.log(partition))).toBe(before);
      expect(await store.streamVersion(stream)).toBe(81);
      await store.redis.del(store.keys.hold(partition));
      await store.append(stream, [added()]);
    });

    it('loses no append that is under way, and stores none that it refused', async () => {
      const writing = streams.flatMap((stream) =>
        Array.from({ length: 60 }, () => store.append(stream, [added()])),
      );
      const [outcomes] = await Promise.all([Promise.allSettled(writing), store.rebuildIndex(partition)]);
      const done = outcomes.filter(({ status }) => status === 'fulfilled').length;
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'PARTITION_HELD' });
      expect(await store.verify(partition)).toMatchObject({ ok: true, events: 7 * 81 + done });
    });

    it('leaves the hold when it dies, and finishes the second time', async () => {
      const [stream = ''] = streams;
      const before = await indexes();
      const dying = await openStore({ registry: counterRegistry, prefix: prefixOf(store) });
      await store.redis.del(store.keys.stream(stream));
      const interrupted = failureOf(dying.rebuildIndex(partition));
      await expectHold();
      await dying.close();
      expect(await interrupted).toMatchObject({ code: 'STORE_UNAVAILABLE' });
      expect(await failureOf(store.append(stream, [added()]))).toMatchObject({ code: 'PARTITION_HELD' });
      await store.rebuildIndex(partition);
      expect(await indexes()).toEqual(before);
      expect(await store.redis.keys(`${store.keys.rebuiltPrefix(partition)}*`)).toEqual([]);
      await store.append(stream, [added()], { expectedVersion: 81 });
    });

    async function expectHold(): Promise<void> {
      while ((await store.redis.exists(store.keys.hold(partition))) === 0);
    }

    it('changes nothing any more once another holds the partition', async () => {
      const [stream = ''] = streams;
      await store.redis.del(store.keys.stream(stream));
      const outpaced = failureOf(store.rebuildIndex(partition));
      await expectHold();
      await store.redis.set(store.keys.hold(partition), 'another');
      expect(await outpaced).toMatchObject({ code: 'STORE_UNAVAILABLE' });
      expect(await store.streamVersion(stream)).toBe(0);
      expect(await store.redis.get(store.keys.hold(partition))).toBe('another');
    });

    it('gives up when another rebuild has started, which then finishes', async () => {
      const before = await indexes();
      const outcomes = await Promise.allSettled([
        store.rebuildIndex(partition),
        store.rebuildIndex(partition),
        store.rebuildIndex(partition),
      ]);
      expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(1);
      expect(await indexes()).toEqual(before);
      expect(await store.redis.exists(store.keys.hold(partition))).toBe(0);
      await store.rebuildIndex(partition);
      expect(await store.redis.keys(`${store.keys.rebuiltPrefix(partition)}*`)).toEqual([]);
    });
  });

  describe('import', () => {
    const store = useStore(openStore);
    async function* lines(...texts: string[]): AsyncGenerator<string> {
      yield* texts;
    }
    const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
    const line = (stream: string, more: object = {}): string =>
      JSON.stringify({ stream, type: 'CounterAdded', schemaVersion: 1, data: { by: 2 }, ...more });

    it('keeps ids, business time, versions and meta, and stores nothing twice', async () => {
      const stream = streamOn(store(), 0);
      const texts = [
        line(stream, { id: 'old-1', occurredAt: '2019-05-06T07:08:09Z', meta: { tenant: 'acme' } }),
        '',
        line(stream),
      ];
      expect(await store().importEvents(lines(...texts), 'i1')).toEqual({ events: 2, repeated: 0 });
      const events = await collect(store().readStream(stream));
      expect(events[0]).toMatchObject({
        id: 'old-1',
        occurredAt: '2019-05-06T07:08:09.000Z',
        data: { by: 2, unit: 'piece' },
        meta: { tenant: 'acme', actor: 'import' },
      });
      expect(events[1]?.id).toBe(events[1]?.position);
      expect(await store().importEvents(lines(...texts, line(stream)), 'i1')).toEqual({
        events: 3,
        repeated: 2,
      });
      expect(await store().streamVersion(stream)).toBe(3);
      const second = await store().importEvents(lines(...texts), 'i2');
      // the first has an id
      expect(second).toEqual({ events: 2, repeated: 1 });
    });

    it('gives an id to one event only, whatever the import, the stream and the line', async () => {
      const [stream, other] = [streamOn(store(), 0), streamOn(store(), 0)];
      const [first, second] = [
        line(stream, { id: `1 of ${stream}` }),
        line(stream, { id: `2 of ${stream}` }),
      ];
      expect(await store().importEvents(lines(first, second), `a-${stream}`)).toEqual({
        events: 2,
        repeated: 0,
      });
      expect(await store().importEvents(lines(second, '', first), `a-${stream}`)).toEqual({
        events: 2,
        repeated: 2,
      });
      const again = line(other, { id: `1 of ${stream}` });
      const failure = await failureOf(store().importEvents(lines(again), `b-${stream}`));
      expect(failure).toMatchObject({ code: 'IMPORT_FAILED', line: 1 });
      expect((failure as Error).message).toContain('is another event');
      expect(await store().streamVersion(stream)).toBe(2);
      expect(await store().streamVersion(other)).toBe(0);
    });

    it('goes on with an event whose id was claimed by a run that died before the append, or after it', async () => {
      const stream = streamOn(store(), 0);
      const [before, after] = [
        line(stream, { id: `3 of ${stream}` }),
        line(stream, { id: `4 of ${stream}` }),
      ];
      const { redis, keys } = store();
      await store().importEvents(lines(before, after), `a-${stream}`);
      const claims = await redis.hmget(keys.ownIds, `3 of ${stream}`, `4 of ${stream}`);
      await redis.hset(keys.ownIds, `3 of ${stream}`, `${claims[0]} a-${stream}:${digestOf(before)}`);
      await redis.hset(keys.ownIds, `4 of ${stream}`, `${claims[1]} lost:1`);
      expect(await store().importEvents(lines(before, after), `b-${stream}`)).toEqual({
        events: 2,
        repeated: 1,
      });
      expect(await redis.hmget(keys.ownIds, `3 of ${stream}`, `4 of ${stream}`)).toEqual(claims);
    });

    it('stores a line once wherever it stands, and as often as it stands in the file', async () => {
      const [a, b, c] = [streamOn(store(), 0), streamOn(store(), 0), streamOn(store(), 0)];
      const id = `moved-${a}`;
      const broken = store().importEvents(lines(line(a), line(b), line(a), 'not json', line(c)), id);
      expect(await failureOf(broken)).toMatchObject({ line: 4 });
      const mended = ['', line(c), line(b), line(a, { data: { by: 3 } }), line(a), line(a)];
      expect(await store().importEvents(lines(...mended), id)).toEqual({ events: 5, repeated: 3 });
      const versions = [a, b, c].map(async (stream) => await store().streamVersion(stream));
      expect(await Promise.all(versions)).toEqual([3, 1, 1]);
      // written otherwise, it says the same
      const otherwise = mended
        .filter((text) => text !== '')
        .map((text) => ` ${JSON.stringify(JSON.parse(text), null, 1).replaceAll('\n', '')}`);
      expect(await store().importEvents(lines(...otherwise.toReversed()), id)).toEqual({
        events: 5,
        repeated: 5,
      });
    });

    it('takes the ids of events that are moved from another log', async () => {
      const stream = streamOn(store(), 0);
      const id = `5-1500000000000-${store().partitions}`;
      await store().importEvents(lines(line(stream, { id })), `m-${stream}`);
      expect(await collect(store().readStream(stream))).toMatchObject([{ id }]);
    });

    it.each([
      ['an event of this log has for its position', async (position: string) => position],
      ['an event may get for its position', async () => `0-${Date.now() + 60_000}-0`],
    ])('takes no id that %s', async (_, idOf) => {
      const stream = streamOn(store(), 0);
      const { positions } = await store().append(stream, [added(1)]);
      const id = await idOf(positions[0] ?? '');
      const failure = await failureOf(store().importEvents(lines(line(stream, { id })), `p-${stream}`));
      expect((failure as Error).message).toContain('a position of this log');
    });

    it.each([
      ['JSON', 'nonsense', /is not JSON/],
      ['complete', '{"stream":"counter:1"}', /type/],
      ['free of unknown members', '{"stream":"counter:1","type":"T","data":{},"extra":1}', /extra/],
      ['in line with its contract', '{"stream":"counter:1","type":"CounterAdded","data":{}}', /contract/],
    ])('names the line that is not %s', async (_, bad, reason) => {
      const stream = streamOn(store(), 0);
      const failure = await failureOf(
        store().importEvents(lines(line(stream), bad, line(stream)), `bad-${reason}`),
      );
      expect(failure).toMatchObject({ code: 'IMPORT_FAILED', line: 2 });
      expect((failure as Error).message).toMatch(/^line 2: /);
      expect((failure as Error).message).toMatch(reason);
      expect(await store().streamVersion(stream)).toBe(1);
    });

    it.each([
      'yesterday',
      '+010000-01-01T00:00:00Z',
      '-000001-01-01T00:00:00Z',
      '0000-01-01T00:00:00Z',
      '01/02/2024',
      '2024',
      '2024-01-02',
      '2024-01-02T10:00:00',
      '2026-02-29T00:00:00Z',
    ])('names the line whose time is %j', async (occurredAt) => {
      const stream = streamOn(store(), 0);
      const bad = line(stream, { occurredAt });
      const failure = await failureOf(store().importEvents(lines(line(stream), bad), `t-${stream}`));
      expect(failure).toMatchObject({ code: 'IMPORT_FAILED', line: 2 });
      expect((failure as Error).message).toContain(`occurredAt "${occurredAt}"`);
      expect(await store().streamVersion(stream)).toBe(1);
    });
  });
}
