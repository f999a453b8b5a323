import type { Fold } from '@headrace/event-schema';
import { eventually } from '@headrace/test-kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { added, addedTimes, type CounterState, counter, opened } from './counter.ts';
import { collect, failureOf, newStream, type OpenStore, useStore } from './tools.ts';

export function snapshotContract(openStore: OpenStore): void {
  describe('loading and snapshots', () => {
    const store = useStore(openStore);
    const state = (total: number): CounterState => ({ owner: 'snap', total, open: true, versions: [] });
    const keptVersions = async (stream: string): Promise<number[]> =>
      (await store().listSnapshots(stream)).map(({ version }) => version);

    async function streamOf(events: number): Promise<string> {
      const stream = newStream();
      await store().append(stream, [opened(), ...addedTimes(events - 1)].slice(0, 1_000));
      return stream;
    }

    it('loads the initial state of nothing, and of version 0', async () => {
      expect(await store().load(counter, newStream())).toEqual({ state: null, version: 0 });
      expect(await store().load(counter, await streamOf(120), { version: 0 })).toEqual({
        state: null,
        version: 0,
      });
    });

    it('leaves events of unregistered types out, unless the fold asks for them', async () => {
      const stream = newStream();
      const notes = Array.from({ length: 240 }, (_, i) => ({ type: 'Noted', data: { [`n${i % 3}`]: i } }));
      await store().append(stream, [opened(), ...notes]);
      expect(await store().load(counter, stream)).toMatchObject({ version: 241, state: { total: 0 } });
      const merge: Fold<object> = {
        category: 'counter',
        foldVersion: 0,
        initialState: {},
        evolve: (merged, { data }) => ({ ...merged, ...(data as object) }),
      };
      const whole = { owner: 'ann', n0: 237, n1: 238, n2: 239 };
      expect(await store().load(merge, stream, { unregistered: true })).toEqual({
        version: 241,
        state: whole,
      });
      await eventually(async () => expect(await keptVersions(stream)).toContain(241));
      expect(await store().load(merge, stream, { unregistered: true })).toEqual({
        version: 241,
        state: whole,
      });
      const early = await store().load(merge, stream, { version: 3, unregistered: true });
      expect(early.state).toEqual({ owner: 'ann', n0: 0, n1: 1 });
    });

    it('loads to the end and to any version', async () => {
      const stream = await streamOf(250);
      const sum = (version: number): number => ((version - 1) * version) / 2;
      for (const version of [1, 2, 99, 100, 101, 200, 250]) {
        const loaded = await store().load(counter, stream, { version });
        expect(loaded).toMatchObject({ version, state: { total: sum(version) } });
      }
      const whole = await store().load(counter, stream);
      expect(whole).toMatchObject({
        version: 250,
        state: { total: sum(250), versions: [246, 247, 248, 249, 250] },
      });
      const beyond = store().load(counter, stream, { version: 251 });
      expect(await failureOf(beyond)).toMatchObject({
        code: 'VERSION_BEYOND_END',
        version: 251,
        current: 250,
      });
    });

    it('saves one after replaying more than a hundred events, and none before', async () => {
      const stream = await streamOf(100);
      await store().load(counter, stream);
      await store().append(stream, [added()]);
      await store().load(counter, stream, { version: 100 });
      expect(await keptVersions(stream)).toEqual([]);
      await store().load(counter, stream);
      await eventually(async () => expect(await keptVersions(stream)).toEqual([101]));
      await store().append(stream, addedTimes(100));
      await store().load(counter, stream);
      await store().append(stream, [added()]);
      await store().load(counter, stream);
      await eventually(async () => expect(await keptVersions(stream)).toEqual([202, 101]));
    });

    it('keeps the last three', async () => {
      const stream = await streamOf(10);
      for (const version of [2, 5, 3, 8, 9])
        await store().saveSnapshot(stream, { version, foldVersion: 1, state: state(version) });
      expect(await keptVersions(stream)).toEqual([9, 8, 5]);
      expect((await store().listSnapshots(stream))[0]).toEqual({
        version: 9,
        foldVersion: 1,
        state: state(9),
      });
    });

    /** Loads a version, and counts the events that the fold was given for it. */
    async function foldedFor(stream: string, version: number): Promise<number> {
      let folded = 0;
      const evolve: typeof counter.evolve = (before, event, context) => {
        folded += 1;
        return counter.evolve(before, event, context);
      };
      await store().load({ ...counter, evolve }, stream, { version });
      return folded;
    }

    it('saves one of a version in the past as well, where that took many events', async () => {
      const stream = await streamOf(500);
      expect(await foldedFor(stream, 100)).toBe(100);
      expect(await foldedFor(stream, 400)).toBe(400);
      await eventually(async () => expect(await keptVersions(stream)).toEqual([400]));
      expect(await foldedFor(stream, 410)).toBe(10);
    });

    it('keeps one for each doubling of the distance too, so that late versions are near one', async () => {
      const stream = newStream();
      for (let i = 0; i < 4; i += 1) await store().append(stream, addedTimes(825));
      await store().saveSnapshot(stream, { version: 150, foldVersion: 9, state: null });
      for (let version = 100; version < 3_300; version += 100)
        await store().saveSnapshot(stream, { version, foldVersion: 1, state: state(version) });
      expect(await keptVersions(stream)).toEqual([3_200, 3_100, 3_000, 2_600, 1_800, 200, 100]);
      expect(await foldedFor(stream, 2_650)).toBe(50);
    });

    it('starts from the newest one that is not beyond the version asked for', async () => {
      const stream = await streamOf(10);
      await store().saveSnapshot(stream, { version: 4, foldVersion: 1, state: state(4_000) });
      await store().saveSnapshot(stream, { version: 8, foldVersion: 1, state: state(8_000) });
      const at = async (version: number): Promise<number | undefined> =>
        (await store().load(counter, stream, { version })).state?.total;
      expect(await at(10)).toBe(8_000 + 8 + 9);
      expect(await at(8)).toBe(8_000);
      expect(await at(7)).toBe(4_000 + 4 + 5 + 6);
      expect(await at(3)).toBe(1 + 2);
    });

    it('refuses one beyond the end, of no version, or of no stream', async () => {
      const stream = await streamOf(3);
      for (const version of [4, 0])
        expect(
          await failureOf(store().saveSnapshot(stream, { version, foldVersion: 1, state: null })),
        ).toMatchObject({ code: 'VERSION_BEYOND_END', current: 3 });
      const nameless = store().saveSnapshot('a b', { version: 1, foldVersion: 1, state: null });
      expect(await failureOf(nameless)).toMatchObject({ code: 'INVALID_STREAM_NAME' });
    });

    it('ignores one of another fold, of another event, beyond the end, or damaged', async () => {
      const stream = await streamOf(6);
      const key = store().keys.snapshots(stream);
      const ids = await store().redis.lrange(store().keys.stream(stream), 0, -1);
      const json = JSON.stringify(state(999));
      await store().redis.hset(key, {
        '2': `1 ${ids[1]} {"owner":`,
        '3': `2 ${ids[2]} ${json}`,
        '4': `1 ${ids[2]} ${json}`,
        '5': 'garbage',
        '9': `1 ${ids[5]} ${json}`,
        x: 'y',
      });
      const loaded = await store().load(counter, stream);
      expect(loaded).toMatchObject({ version: 6, state: { owner: 'ann', total: 15 } });
      expect((await store().load({ ...counter, foldVersion: 2 }, stream)).state?.total).toBe(999 + 3 + 4 + 5);
    });

    it('drops those beyond the end, which would push out good ones', async () => {
      const stream = await streamOf(6);
      const key = store().keys.snapshots(stream);
      await store().redis.hset(key, { '20': '1 1-1 {}', '21': '1 1-1 {}', '22': '1 1-1 {}' });
      await store().saveSnapshot(stream, { version: 6, foldVersion: 1, state: state(6) });
      expect(await keptVersions(stream)).toEqual([6]);
    });

    it('gives with snapshot and tail what a replay gives, wherever the snapshot is', async () => {
      const bys = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 150 });
      await fc.assert(
        fc.asyncProperty(bys, fc.nat(), fc.nat(), async (amounts, cut, target) => {
          const stream = newStream();
          await store().append(stream, [opened(), ...amounts.map((by) => added(by))]);
          const length = amounts.length + 1;
          const version = 1 + (target % length);
          const replayed = fold(await collect(store().readStream(stream, { toVersion: version })));
          const at = 1 + (cut % length);
          const snapshot = await store().load(counter, stream, { version: at });
          await store().saveSnapshot(stream, { version: at, foldVersion: 1, state: snapshot.state });
          expect(await store().load(counter, stream, { version })).toEqual({ state: replayed, version });
        }),
        { numRuns: 25 },
      );
    });

    function fold(events: readonly { type: string; data: unknown; version: number }[]): CounterState | null {
      return events.reduce<CounterState | null>(
        (current, event) => counter.evolve(current, event as never, event as never),
        counter.initialState,
      );
    }
  });
}
