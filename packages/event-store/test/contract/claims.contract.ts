import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { added } from './counter.ts';
import { failureOf, keyed, newStream, type OpenStore, useStore } from './tools.ts';

const reused = { code: 'IDEMPOTENCY_KEY_REUSED' };
const done = async (): Promise<string> => 'done';

export function claimsContract(openStore: OpenStore): void {
  describe('keys that stand for one request in the whole log', () => {
    const store = useStore(openStore);

    it('let their request through as often as it comes, and begin nothing for any other', async () => {
      const key = randomUUID();
      const request = keyed(key, { stream: 'a', deep: { a: 1, b: 2 } });
      expect(await store().underKey(request, done)).toBe('done');
      const again = keyed(key, { deep: { b: 2, a: 1 }, stream: 'a' });
      expect(await store().underKey(again, done)).toBe('done');
      let begun = 0;
      const work = async () => (begun += 1);
      const others = [
        keyed(key, { stream: 'b', deep: { a: 1, b: 2 } }),
        { ...request, route: 'other' },
        { ...request, actor: 'bob' },
      ];
      for (const other of others)
        expect(await failureOf(store().underKey(other, work))).toMatchObject(reused);
      expect(begun).toBe(0);
      expect(await store().underKey({ ...request, key: randomUUID() }, work)).toBe(1);
    });

    it('let one through of twenty that come at once, each with another request', async () => {
      const key = randomUUID();
      const stream = newStream();
      const works = Array.from({ length: 20 }, (_, by) =>
        store().underKey(keyed(key, { by }), () => store().append(stream, [added(by)])),
      );
      const outcomes = await Promise.allSettled(works);
      const refused = outcomes.filter(({ status }) => status === 'rejected');
      expect(refused).toHaveLength(19);
      for (const outcome of refused) expect(outcome).toMatchObject({ reason: reused });
      expect(await store().streamVersion(stream)).toBe(1);
    });

    it('let twenty through that come at once with the same', async () => {
      const request = keyed(randomUUID());
      const works = Array.from({ length: 20 }, () => store().underKey(request, done));
      expect(await Promise.all(works)).toHaveLength(20);
    });

    it('stay with a request that failed, and let it try again', async () => {
      const request = keyed(randomUUID());
      const failing = store().underKey(request, () => Promise.reject(new Error('refused')));
      expect(await failureOf(failing)).toMatchObject({ message: 'refused' });
      const other = store().underKey({ ...request, route: 'other' }, done);
      expect(await failureOf(other)).toMatchObject(reused);
      expect(await store().underKey(request, done)).toBe('done');
    });

    it('are one lean string that outlives the receipt, and longer with each repeat', async () => {
      const { redis, keys } = store();
      const stream = newStream();
      const request = keyed(randomUUID(), {}, 60);
      const append = () =>
        store().underKey(request, () => store().append(stream, [added()], { idempotency: request }));
      await append();
      const claim = keys.claim(request.key);
      expect(await redis.get(claim)).toMatch(/^[\w-]{22}$/);
      const receiptS = await redis.ttl(keys.idempotency(stream, ['ann', 'add', request.key]));
      expect(receiptS).toBeGreaterThan(50);
      expect(await redis.ttl(claim)).toBeGreaterThan(receiptS + 3_000);
      await redis.expire(claim, 10);
      await append();
      expect(await redis.ttl(claim)).toBeGreaterThan(3_600);
      expect(await store().streamVersion(stream)).toBe(1);
    });

    it('are kept for a day and longer where nothing else is said', async () => {
      const request = keyed(randomUUID());
      await store().underKey(request, done);
      expect(await store().redis.ttl(store().keys.claim(request.key))).toBeGreaterThan(86_400);
    });

    it('cost nothing where there is none', async () => {
      const { redis, keys } = store();
      const claims = async () => (await redis.keys(keys.claim('x').replace(/\{.*/, '*:claim:*'))).length;
      const before = await claims();
      expect(await store().underKey(undefined, done)).toBe('done');
      expect(await claims()).toBe(before);
    });

    it('show in the metrics when they are refused', async () => {
      const request = keyed(randomUUID());
      await store().underKey(request, done);
      const { refused } = store().appendStats().outcomes;
      await failureOf(store().underKey({ ...request, route: 'other' }, done));
      expect(store().appendStats().outcomes.refused).toBe(refused + 1);
    });

    it('are not asked for an append that could never be done', async () => {
      const events = [{ type: 'CounterAdded', data: { by: 'one' } }];
      const idempotency = keyed(randomUUID());
      const { refused } = store().appendStats().outcomes;
      expect(() => store().assertAppendable(newStream(), events, { idempotency })).toThrow(/by/);
      expect(store().appendStats().outcomes.refused).toBe(refused + 1);
      expect(() => store().assertAppendable('no name', [added()])).toThrow(/no name/);
      expect(() => store().assertAppendable(newStream(), [])).toThrow(/event/);
      store().assertAppendable(newStream(), [added()], { idempotency, expectedVersion: 7 });
    });

    it('are refused for a time that Redis does not take', async () => {
      const wrong = store().underKey(keyed(randomUUID(), {}, 0.5), done);
      expect(await failureOf(wrong)).toMatchObject({ code: 'INVALID_APPEND' });
    });
  });
}
