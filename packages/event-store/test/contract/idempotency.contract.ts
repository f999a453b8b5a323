import { eventually } from '@headrace/test-kit';
import { describe, expect, it } from 'vitest';
import { added, addedTimes } from './counter.ts';
import { failureOf, keyed, newStream, type OpenStore, useStore } from './tools.ts';

export function idempotencyContract(openStore: OpenStore): void {
  describe('idempotency keys', () => {
    const store = useStore(openStore);

    it('give a repeat its first result, however the stream has moved on', async () => {
      const stream = newStream();
      const idempotency = keyed('k', { by: 1, deep: { a: 1, b: 2 } });
      await store().append(stream, [added()]);
      const first = await store().append(stream, addedTimes(3), { idempotency, expectedVersion: 1 });
      await store().append(stream, addedTimes(5));
      const again = keyed('k', { deep: { b: 2, a: 1 }, by: 1 });
      const repeat = await store().append(stream, addedTimes(2), { idempotency: again, expectedVersion: 1 });
      expect(first.replayed).toBe(false);
      expect(repeat).toEqual({ ...first, replayed: true });
      expect(await store().streamVersion(stream)).toBe(9);
    });

    it('are refused for another request', async () => {
      const stream = newStream();
      await store().append(stream, [added()], { idempotency: keyed('k', { by: 1 }) });
      const other = store().append(stream, [added(2)], { idempotency: keyed('k', { by: 2 }) });
      expect(await failureOf(other)).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED', stream });
      expect(await store().streamVersion(stream)).toBe(1);
    });

    it('are apart for different actors, routes, keys and streams', async () => {
      const stream = newStream();
      const base = keyed('k', { by: 1 });
      const requests = [base, { ...base, actor: 'bob' }, { ...base, route: 'other' }, { ...base, key: 'l' }];
      for (const idempotency of requests) await store().append(stream, [added()], { idempotency });
      expect(await store().streamVersion(stream)).toBe(4);
      const elsewhere = await store().append(newStream(), [added()], { idempotency: base });
      expect(elsewhere).toMatchObject({ version: 1, replayed: false });
    });

    it('do not keep refusals', async () => {
      const stream = newStream();
      const idempotency = keyed('k');
      const early = store().append(stream, [added()], { idempotency, expectedVersion: 'exists' });
      expect(await failureOf(early)).toMatchObject({ code: 'WRONG_EXPECTED_VERSION' });
      await store().append(stream, [added()]);
      const late = await store().append(stream, [added()], { idempotency, expectedVersion: 'exists' });
      expect(late).toMatchObject({ version: 2, replayed: false });
    });

    it('are kept as one lean string for their time', async () => {
      const stream = newStream();
      const idempotency = keyed('k', {}, 60);
      const { positions } = await store().append(stream, addedTimes(2), { idempotency });
      const key = store().keys.idempotency(stream, ['ann', 'add', 'k']);
      expect(await store().redis.get(key)).toMatch(
        new RegExp(`^[\\w-]{22} 2 2 ${positions[0]?.replace(/^\d+-/, '')}$`),
      );
      expect(await store().redis.ttl(key)).toBeGreaterThan(50);
      expect(await store().redis.ttl(key)).toBeLessThanOrEqual(60);
    });

    it('are kept a day where nothing else is said', async () => {
      const stream = newStream();
      await store().append(stream, [added()], { idempotency: keyed('k') });
      const ttl = await store().redis.ttl(store().keys.idempotency(stream, ['ann', 'add', 'k']));
      expect(Math.abs(ttl - 86_400)).toBeLessThan(10);
    });

    it('are forgotten after their time, except by the event that created the stream', async () => {
      const stream = newStream();
      const creation = keyed('create', { owner: 'ann' }, 1);
      const first = await store().append(stream, addedTimes(2), {
        idempotency: creation,
        expectedVersion: 'no-stream',
      });
      await store().append(stream, [added()], { idempotency: keyed('later', {}, 1) });
      const receipts = ['create', 'later'].map((key) =>
        store().keys.idempotency(stream, ['ann', 'add', key]),
      );
      await eventually(async () => expect(await store().redis.exists(...receipts)).toBe(0));

      const again = await store().append(stream, addedTimes(1), {
        idempotency: creation,
        expectedVersion: 'no-stream',
      });
      expect(again).toEqual({ ...first, replayed: true });
      const other = store().append(stream, [added()], {
        idempotency: keyed('create', { owner: 'bob' }, 1),
        expectedVersion: 'no-stream',
      });
      expect(await failureOf(other)).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
      const anotherKey = store().append(stream, [added()], {
        idempotency: keyed('create-2', { owner: 'ann' }, 1),
        expectedVersion: 'no-stream',
      });
      expect(await failureOf(anotherKey)).toMatchObject({ code: 'WRONG_EXPECTED_VERSION' });
      const later = await store().append(stream, [added()], { idempotency: keyed('later', {}, 1) });
      expect(later).toMatchObject({ version: 4, replayed: false });
    });

    it('let one of twenty concurrent repeats append', async () => {
      const stream = newStream();
      const results = await Promise.all(
        Array.from({ length: 20 }, () => store().append(stream, [added()], { idempotency: keyed('k') })),
      );
      expect(results.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect(new Set(results.map(({ positions }) => positions[0])).size).toBe(1);
      expect(await store().streamVersion(stream)).toBe(1);
    });
  });
}
