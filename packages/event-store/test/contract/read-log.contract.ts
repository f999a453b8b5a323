import {
  compareEntryIds,
  type EventEnvelope,
  entryIdOf,
  partitionOfPosition,
  recordedMsOf,
} from '@headrace/event-schema';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ReadLogOptions } from '../../src/index.ts';
import { added, addedTimes, opened } from './counter.ts';
import {
  addByHand,
  byHand,
  collect,
  failureOf,
  newStream,
  type OpenStore,
  streamOn,
  useStore,
} from './tools.ts';

export function readLogContract(openStore: OpenStore): void {
  describe('reading the log', () => {
    const store = useStore(openStore);
    const written: string[] = [];
    const positionsOf = async (options?: ReadLogOptions): Promise<string[]> =>
      (await collect(store().readLog(options))).map(({ position }) => position);

    beforeAll(async () => {
      for (let i = 0; i < 40; i += 1) {
        const { positions } = await store().append(newStream(), [opened(), ...addedTimes(20)]);
        const free = { type: 'Noted', data: { i } };
        const noted = await store().append(`note-${i}`, [free], { cause: positions[20] ?? '' });
        written.push(...positions, ...noted.positions);
      }
    });

    it('merges all partitions by time, each event once, effects after causes', async () => {
      const events = await collect(store().readLog());
      const positions = events.map(({ position }) => position);
      expect([...positions].sort()).toEqual([...written].sort());
      const place = new Map(positions.map((position, i) => [position, i]));
      for (const [i, { meta, position }] of events.entries()) {
        const next = events[i + 1];
        if (next)
          expect(compareEntryIds(entryIdOf(position), entryIdOf(next.position))).toBeLessThanOrEqual(0);
        if (meta.causationId) expect(place.get(meta.causationId)).toBeLessThan(i);
      }
    });

    it('reads one partition in order', async () => {
      const all = await Promise.all(
        Array.from({ length: store().partitions }, (_, partition) =>
          collect(store().readPartition(partition)),
        ),
      );
      expect(
        all
          .flat()
          .map(({ position }) => position)
          .sort(),
      ).toEqual([...written].sort());
      for (const [partition, events] of all.entries())
        for (const { stream } of events) expect(store().keys.partitionOf(stream)).toBe(partition);
    });

    it.each<[string, ReadLogOptions, (event: EventEnvelope) => boolean, number]>([
      ['category', { category: 'note' }, ({ category }) => category === 'note', 40],
      ['types', { types: ['CounterOpened', 'Noted'] }, ({ type }) => type !== 'CounterAdded', 80],
      ['no type at all', { types: [] }, () => false, 0],
      [
        'both',
        { category: 'counter', types: ['CounterOpened', 'Noted'] },
        ({ type }) => type === 'CounterOpened',
        40,
      ],
    ])('filters by %s', async (_, options, matches, count) => {
      const events = await collect(store().readLog(options));
      expect(events).toHaveLength(count);
      expect(events.every(matches)).toBe(true);
    });

    it('goes on after a cursor of positions', async () => {
      const all = await positionsOf();
      const seen = all.slice(0, 500);
      const last = new Map(seen.map((position) => [position.split('-')[0], position]));
      expect(await positionsOf({ after: [...last.values()] })).toEqual(all.slice(500));
      const end = new Map(all.map((position) => [position.split('-')[0], position]));
      expect(await positionsOf({ after: [...end.values()] })).toEqual([]);
    });

    it('reads a partition after a position or an entry id', async () => {
      // one that has a stream for certain
      const partition = partitionOfPosition(written[0] ?? '');
      const all = await collect(store().readPartition(partition));
      const tenth = all[9]?.position ?? '';
      const rest = all.slice(10);
      expect(await collect(store().readPartition(partition, { after: tenth }))).toEqual(rest);
      expect(await collect(store().readPartition(partition, { after: entryIdOf(tenth) }))).toEqual(rest);
    });

    it('reads since a time, and after a cursor that is later', async () => {
      const all = await positionsOf();
      const sinceMs = recordedMsOf(all[300] ?? '');
      const since = all.filter((position) => recordedMsOf(position) >= sinceMs);
      expect(await positionsOf({ sinceMs })).toEqual(since);
      expect(await positionsOf({ sinceMs: sinceMs - 0.5 })).toEqual(since);
      expect(await positionsOf({ sinceMs: 0 })).toEqual(all);
      const ends = new Map(all.map((position) => [position.split('-')[0], position]));
      expect(await positionsOf({ sinceMs, after: [...ends.values()] })).toEqual([]);
    });

    it('finds an event by its position', async () => {
      const position = written[5] ?? '';
      expect(await store().readEvent(position)).toMatchObject({ position, version: 6 });
      expect(await store().readEvent('0-1-1')).toBeNull();
      expect(await store().readEvent('999-1-1')).toBeNull();
      expect(await failureOf(store().readEvent('nowhere'))).toMatchObject({ code: 'INVALID_POSITION' });
      expect(await failureOf(positionsOf({ after: ['nowhere'] }))).toMatchObject({
        code: 'INVALID_POSITION',
      });
    });
  });

  describe('reading a log that others have written to by hand', () => {
    const store = useStore(openStore);
    const dividers = ['\x1e', '\x1f', 'a\x1fb\x1ec'];

    it('gives every entry as it stands, in its place', async () => {
      const stream = streamOn(store(), 0);
      const usual = byHand(stream, 1, 1);
      const { type, ...others } = usual;
      const entries: Record<string, string>[] = [
        usual,
        { type: 'Noted', ...others },
        { ...usual, id: 'an id of its own' },
        { hello: 'world' },
        ...dividers.flatMap((divider) =>
          Object.keys(usual).map((name) => ({ ...usual, [name]: `${usual[name]}${divider}` })),
        ),
        usual,
      ];
      const positions: string[] = [];
      for (const fields of entries) positions.push(await addByHand(store(), 0, fields));
      const events = await collect(store().readPartition(0));
      expect(events.map(({ position }) => position)).toEqual(positions);
      for (const [i, event] of events.entries())
        expect(event).toEqual(await store().readEvent(positions[i] ?? ''));
      expect(events.at(-1)).toMatchObject({ stream, type, version: 1 });
    });
  });

  describe('reading a log of large events', () => {
    const store = useStore(openStore);

    it('reads them all, in order', async () => {
      const stream = streamOn(store(), 0);
      const sizes = [...Array.from({ length: 60 }, () => 20_000), 500_000, 500_000, 10, 500_000, 10];
      for (const size of sizes) await store().append(stream, [added(size, 'x'.repeat(size))]);
      const events = await collect(store().readPartition(0));
      expect(events.map(({ data }) => (data as { by: number }).by)).toEqual(sizes);
    });
  });
}
