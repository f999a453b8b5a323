import { setTimeout as sleep } from 'node:timers/promises';
import { recordedMsOf } from '@headrace/event-schema';
import { beforeAll, describe, expect, it } from 'vitest';
import { added, addedTimes, counter, opened } from './counter.ts';
import {
  addByHand,
  byHand,
  collect,
  failureOf,
  newStream,
  type OpenStore,
  streamOn,
  useStore,
  versionsOf,
} from './tools.ts';

const upTo = (from: number, to: number): number[] => {
  const step = to >= from ? 1 : -1;
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => from + i * step);
};

export function readStreamContract(openStore: OpenStore): void {
  describe('reading a stream', () => {
    const store = useStore(openStore);
    const stream = newStream();
    beforeAll(async () => {
      await store().append(stream, addedTimes(1_000, 1));
      await store().append(stream, addedTimes(34, 1_001));
    });

    it('gives nothing of a stream that is not there', async () => {
      const missing = newStream();
      expect(await collect(store().readStream(missing))).toEqual([]);
      expect(await collect(store().readStream(missing, { direction: 'backwards' }))).toEqual([]);
      expect(await store().versionAt(missing, Date.now())).toBe(0);
      expect(await store().versionAt(missing, Date.now(), 'occurred')).toBe(0);
    });

    it('refuses a name that is none', async () => {
      for (const read of [
        collect(store().readStream('a b')),
        store().streamVersion(''),
        store().versionAt('a b', 1),
        store().listSnapshots('a b'),
      ])
        expect(await failureOf(read)).toMatchObject({ code: 'INVALID_STREAM_NAME' });
    });

    it.each([
      ['forwards', {}, upTo(1, 1_034)],
      ['backwards', { direction: 'backwards' }, upTo(1_034, 1)],
      ['from a version', { fromVersion: 1_030 }, upTo(1_030, 1_034)],
      ['to a version', { toVersion: 100 }, upTo(1, 100)],
      ['to a version beyond the end', { fromVersion: 1_034, toVersion: 5_000 }, [1_034]],
      ['from before the beginning', { fromVersion: -5, toVersion: 2 }, [1, 2]],
      ['between versions over a page’s end', { fromVersion: 100, toVersion: 201 }, upTo(100, 201)],
      [
        'backwards between versions',
        { fromVersion: 99, toVersion: 300, direction: 'backwards' },
        upTo(300, 99),
      ],
      ['an empty range', { fromVersion: 10, toVersion: 9 }, []],
      ['nothing, up to version 0', { toVersion: 0 }, []],
      ['nothing, from beyond the end', { fromVersion: 1_035 }, []],
    ] as const)('reads %s', async (_, options, versions) => {
      expect(await versionsOf(store().readStream(stream, options))).toEqual(versions);
    });

    it('stops early without harm', async () => {
      const seen: number[] = [];
      for await (const { version } of store().readStream(stream)) {
        seen.push(version);
        if (version === 150) break;
      }
      expect(seen).toEqual(upTo(1, 150));
    });

    it('reads pages that are cut by their bytes, both ways', async () => {
      const large = newStream();
      const sizes = [400_000, 10, 400_000, 500_000, 500_000, 20, 30, 500_000, 300_000];
      for (const size of sizes) await store().append(large, [added(size, 'x'.repeat(size))]);
      const read = await collect(store().readStream(large));
      expect(read.map(({ data }) => (data as { note: string }).note.length)).toEqual(sizes);
      expect(await versionsOf(store().readStream(large, { direction: 'backwards' }))).toEqual(upTo(9, 1));
    });

    it('finds the version of a moment, and reads from and until a time', async () => {
      const timed = newStream();
      const times: number[] = [];
      for (let i = 0; i < 4; i += 1) {
        const { positions } = await store().append(timed, [added(i), added(i)]);
        times.push(recordedMsOf(positions[0] ?? ''));
        await sleep(3);
      }
      const [first = 0, second = 0, third = 0, fourth = 0] = times;
      expect(await store().versionAt(timed, first - 1)).toBe(0);
      expect(await store().versionAt(timed, first)).toBe(2);
      expect(await store().versionAt(timed, third)).toBe(6);
      expect(await store().versionAt(timed, third - 1)).toBe(4);
      expect(await store().versionAt(timed, fourth + 1e9)).toBe(8);
      expect(await versionsOf(store().readStream(timed, { fromMs: second }))).toEqual(upTo(3, 8));
      expect(await versionsOf(store().readStream(timed, { untilMs: third }))).toEqual(upTo(1, 6));
      const between = { fromMs: second, untilMs: third, direction: 'backwards' } as const;
      expect(await versionsOf(store().readStream(timed, between))).toEqual(upTo(6, 3));
      expect(await versionsOf(store().readStream(timed, { fromMs: fourth + 1 }))).toEqual([]);
    });

    it('finds the version of a moment in business time: the last before anything that came later', async () => {
      const late = newStream();
      const day = (n: number): string => new Date(Date.UTC(2019, 0, n)).toISOString();
      const ms = (n: number): number => Date.parse(day(n));
      const days = [1, 1, 3, 2, 3, 5, 4];
      await store().append(
        late,
        days.map((n) => ({ ...added(n), occurredAt: day(n) })),
      );
      const { positions } = await store().append(late, [added()]);
      const recorded = recordedMsOf(positions[0] ?? '');
      const versionAt = (at: number) => store().versionAt(late, at, 'occurred');
      const versions = await Promise.all([0, 1, 2, 3, 4, 5].map((n) => versionAt(ms(n))));
      expect(versions).toEqual([0, 2, 2, 5, 5, 7]);
      expect(await versionAt(ms(3) - 1)).toBe(2);
      expect(await versionAt(recorded - 1)).toBe(7);
      expect(await versionAt(recorded)).toBe(8);
      expect(await store().versionAt(late, ms(5))).toBe(0);
      const between = { fromMs: ms(2), untilMs: ms(4) };
      const read = (timeline: 'recorded' | 'occurred') => store().readStream(late, { ...between, timeline });
      expect(await versionsOf(read('occurred'))).toEqual([3, 4, 5]);
      expect(await versionsOf(read('recorded'))).toEqual([]);
    });

    it('brings events of old versions to the newest', async () => {
      const old = newStream();
      await store().append(old, [{ type: 'CounterAdded', schemaVersion: 1, data: { by: 4 } }, opened()]);
      const [event] = await collect(store().readStream(old));
      expect(event).toMatchObject({ schemaVersion: 2, data: { by: 4, unit: 'piece' } });
      expect(event?.unreadable).toBeUndefined();
    });

    it('says so when the index names what the log does not hold', async () => {
      const broken = newStream();
      await store().append(broken, [added()]);
      await store().redis.rpush(store().keys.stream(broken), '1-1');
      expect(await failureOf(collect(store().readStream(broken)))).toMatchObject({ code: 'INDEX_BROKEN' });
    });
  });

  describe('reading what was written by hand', () => {
    const store = useStore(openStore);
    const beyond = useStore(openStore);

    it('goes on behind entries whose ids are beyond all dates', async () => {
      const stream = streamOn(beyond(), 0);
      const ids = ['8640000000000001-0', '18446744073709551615-0', '18446744073709551615-1'];
      const log = beyond().keys.log(0);
      for (const [i, id] of ids.entries())
        await beyond().redis.xadd(log, id, ...Object.entries(byHand(stream, i + 1, 5)).flat());
      const events = await collect(beyond().readPartition(0));
      expect(events.map(({ position, unreadable }) => [position, unreadable])).toEqual(
        ids.map((id) => [`0-${id}`, 'malformed']),
      );
      expect(await collect(beyond().readLog())).toEqual(events);
      await beyond().rebuildIndex(0);
      expect(await collect(beyond().readStream(stream))).toEqual(events);
      expect(await beyond().verify(0)).toMatchObject({ ok: true, events: 3 });
      expect(await failureOf(beyond().append(stream, [added()]))).toMatchObject({ code: 'CLOCK_AHEAD' });
    });

    it('takes fields in any order, and marks what it cannot interpret', async () => {
      const stream = streamOn(store(), 0);
      const whole = byHand(stream, 1, 5);
      await addByHand(store(), 0, Object.fromEntries(Object.entries(whole).reverse()));
      await addByHand(store(), 0, { stream, type: 'CounterAdded' });
      await addByHand(store(), 0, { ...byHand(stream, 3, 5), data: '{"by":' });
      const { type = '', ...others } = byHand(stream, 4, 5);
      await addByHand(store(), 0, { type, ...others, meta: '[broken' });
      await addByHand(store(), 0, { ...byHand(stream, 5, 5), schema: '9' });
      await addByHand(store(), 0, { ...byHand(stream, 6, 5), schema: 'one', version: 'six' });
      await addByHand(store(), 0, { ...byHand(stream, 7, 5), type: 'Unheard' });
      await addByHand(store(), 0, { ...byHand(stream, 8, 5), id: 'old-id-8' });
      await addByHand(store(), 0, { note: 'no event at all' });
      const events = await collect(store().readPartition(0));
      expect(events.map(({ unreadable }) => unreadable)).toEqual([
        undefined,
        'malformed',
        'malformed',
        undefined,
        'unknown-version',
        'unknown-version',
        'unknown-type',
        undefined,
        'unknown-type',
      ]);
      expect(events[0]).toMatchObject({ stream, version: 1, data: { by: 5, unit: 'piece' } });
      expect(events[7]).toMatchObject({ id: 'old-id-8' });
      expect(events[7]?.position).not.toBe('old-id-8');
      expect(await collect(store().readLog())).toEqual(events);
      for (const event of events) expect(await store().readEvent(event.position)).toEqual(event);

      // once a rebuild has named them in the index, the stream can be read too, by their places
      await store().rebuildIndex(0);
      const indexed = events.slice(0, 8).map((event, i) => ({ ...event, version: i + 1 }));
      expect(await collect(store().readStream(stream))).toEqual(indexed);
      expect(await collect(store().readStream(stream, { direction: 'backwards' }))).toEqual(
        indexed.reverse(),
      );
      expect(await failureOf(store().load(counter, stream))).toMatchObject({
        code: 'UNREADABLE_EVENT',
        version: 2,
      });
    });
  });
}
