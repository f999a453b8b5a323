import { describe, expect, it } from 'vitest';
import { added, addedTimes, opened } from './counter.ts';
import { collect, keyed, type OpenStore, streamOn, useStore } from './tools.ts';

/** More than one script call takes. */
const MANY = 100;

export function atOnceContract(openStore: OpenStore): void {
  describe('appends to one partition at the same moment', () => {
    const store = useStore(openStore);
    const newStreams = (count: number): string[] => Array.from({ length: count }, () => streamOn(store(), 0));

    it('are all done, each at its own place', async () => {
      const streams = newStreams(MANY);
      const results = await Promise.all(streams.map((stream) => store().append(stream, addedTimes(3))));
      for (const [i, stream] of streams.entries()) {
        const events = await collect(store().readStream(stream));
        expect(events.map(({ position }) => position)).toEqual(results[i]?.positions);
        expect(results[i]).toMatchObject({ stream, version: 3, replayed: false });
      }
    });

    it('to one stream are done in the order asked for', async () => {
      const [stream = ''] = newStreams(1);
      const asked = Array.from({ length: MANY }, (_, i) => i);
      const results = await Promise.all(asked.map((by) => store().append(stream, [added(by)])));
      expect(results.map(({ version }) => version)).toEqual(asked.map((i) => i + 1));
      const events = await collect(store().readStream(stream));
      expect(events.map(({ data }) => (data as { by: number }).by)).toEqual(asked);
    });

    it('succeed or fail by themselves', async () => {
      const [sound = '', taken = '', reused = '', repeated = '', broken = '', last = ''] = newStreams(6);
      await store().append(taken, [opened()]);
      await store().append(reused, [opened()], { idempotency: keyed('k', { by: 1 }) });
      await store().append(repeated, [opened()], { idempotency: keyed('k', { by: 1 }) });
      await store().redis.set(store().keys.stream(broken), 'no list');
      const before = await store().redis.xlen(store().keys.log(0));

      const outcomes = await Promise.allSettled([
        store().append(sound, [opened()], { expectedVersion: 0 }),
        store().append(taken, [opened()], { expectedVersion: 'no-stream' }),
        store().append(reused, [added()], { idempotency: keyed('k', { by: 2 }) }),
        store().append(repeated, [opened()], { idempotency: keyed('k', { by: 1 }) }),
        store().append(broken, [opened()]),
        store().append(last, [opened(), added()]),
      ]);
      expect(outcomes).toMatchObject([
        { value: { stream: sound, version: 1, replayed: false } },
        { reason: { code: 'WRONG_EXPECTED_VERSION', stream: taken, actual: 1 } },
        { reason: { code: 'IDEMPOTENCY_KEY_REUSED' } },
        { value: { stream: repeated, version: 1, replayed: true } },
        { reason: { message: expect.stringContaining('WRONGTYPE') } },
        { value: { stream: last, version: 2, replayed: false } },
      ]);
      expect(await store().redis.xlen(store().keys.log(0))).toBe(before + 3);
      for (const [stream, version] of [[sound, 1] as const, [taken, 1] as const, [last, 2] as const])
        expect(await store().streamVersion(stream)).toBe(version);
    });

    it('are all done, however large they are together', async () => {
      const streams = newStreams(20);
      const note = 'x'.repeat(60 * 1024);
      await Promise.all(streams.map((stream) => store().append(stream, [added(1, note)])));
      for (const stream of streams) expect(await store().streamVersion(stream)).toBe(1);
    });
  });
}
