import { setImmediate as nextTurn } from 'node:timers/promises';
import { createRegistry, nextVersion } from '@headrace/event-schema';
import { openEventStore } from '@headrace/event-store';
import { orderPlaced, shopRegistry } from '@headrace/shop';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { useEventApi } from './event-api.ts';
import { expectProblem } from './refusals.ts';

const usd = (minor: number) => ({ minor, currency: 'USD' });
const owner = (orderId: string) => ({ orderId, userId: 'u' });

const placed = (orderId: string) => ({
  eventType: 'OrderPlaced',
  eventData: { ...owner(orderId), items: [], amount: usd(100), paymentTerms: 'prepaid' },
});
const paid = (orderId: string, minor = 100) => ({
  eventType: 'PaymentReceived',
  eventData: { ...owner(orderId), amount: usd(minor), paymentMethod: 'card', paymentTerms: 'prepaid' },
});
const refused = { status: 409, type: 'contradicts-history' };

describe('appended events that contradict the history of their stream', () => {
  const { api, url, prefix } = useEventApi();

  it('are refused, with where and why', async () => {
    const answer = await api().post('/api/events', { streamId: 'order:never', ...paid('never') });
    const members = { stream: 'order:never', eventType: 'PaymentReceived', version: 1 };
    expectProblem(answer, { ...refused, members });
    expect(answer.json.error).toContain('the order was never created');
    expect(await api().logLength()).toBe(0);
  });

  it('are refused under a key as well, again and again', async () => {
    const before = await api().logLength();
    for (const attempt of [1, 2]) {
      const body = { streamId: 'order:keyed', ...paid('keyed') };
      const answer = await api().post('/api/events', body, { 'idempotency-key': 'pay-nothing' });
      expectProblem(answer, refused);
      expect(await api().store.streamVersion('order:keyed'), `attempt ${attempt}`).toBe(0);
    }
    expect(await api().logLength()).toBe(before);
  });

  it('are refused with those that go with them', async () => {
    const events = [placed('both'), paid('both'), paid('both')];
    expectProblem(await api().post('/api/events', { streamId: 'order:both', events }), refused);
    expect(await api().store.streamVersion('order:both')).toBe(0);
    const withoutTheLast = { streamId: 'order:both', events: events.slice(0, 2) };
    expect((await api().post('/api/events', withoutTheLast)).status).toBe(201);
  });

  it('are judged by what an event of an old version means today', async () => {
    const streamId = 'order:old';
    const data = { orderId: 'old', userId: 'u', items: [], amount: 1 };
    await api().store.appendChecked(streamId, [{ type: 'OrderPlaced', schemaVersion: 1, data }]);
    expectProblem(await api().post('/api/events', { streamId, ...paid('old', 99) }), refused);
    expect((await api().post('/api/events', { streamId, ...paid('old') })).status).toBe(201);
  });

  it('are refused however many come at once: an order is paid once', async () => {
    const streamId = 'order:once';
    await api().post('/api/events', { streamId, ...placed('once') });
    const pay = async () => await api().post('/api/events', { streamId, ...paid('once') });
    const statuses = (await Promise.all(Array.from({ length: 20 }, pay))).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([201, ...Array(19).fill(409)]);
    expect(await api().store.streamVersion(streamId)).toBe(2);
  });

  it('are no repeat under a key, which gets the first answer again', async () => {
    const streamId = 'order:again';
    await api().post('/api/events', { streamId, ...placed('again') });
    const pay = async () =>
      await api().post('/api/events', { streamId, ...paid('again') }, { 'idempotency-key': 'pay-again' });
    const first = await pay();
    const second = await pay();
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(second.data).toEqual(first.data);
    expect(await api().store.streamVersion(streamId)).toBe(2);
  });

  it('are conflicts first where a version was expected that has passed', async () => {
    const streamId = 'order:pinned';
    await api().post('/api/events', { streamId, events: [placed('pinned'), paid('pinned')] });
    const late = await api().post('/api/events', { streamId, ...paid('pinned'), expectedVersion: 1 });
    expectProblem(late, { status: 409, type: 'wrong-expected-version', members: { expected: 1, actual: 2 } });
  });

  it('are never those of a type without a contract', async () => {
    const streamId = 'order:free';
    const note = { streamId, eventType: 'OrderNoted', eventData: { note: 'x' } };
    expect((await api().post('/api/events', note)).status).toBe(201);
    expect((await api().post('/api/events', { streamId, ...placed('free') })).status).toBe(201);
    expect((await api().post('/api/events', note)).status).toBe(201);
  });

  it('cannot be told from others on a stream that a newer release has written to', async () => {
    const newer = createRegistry([
      nextVersion(orderPlaced, z.object({ orderId: z.string() }), (data) => data),
    ]);
    const writer = await openEventStore({ redisUrl: url, prefix, registry: newer });
    const stream = 'order:unreadable';
    try {
      await writer.append(stream, [{ type: 'OrderPlaced', data: { orderId: 'unreadable' } }]);
    } finally {
      await writer.close();
    }
    const answer = await api().post('/api/events', { streamId: stream, ...paid('unreadable') });
    expectProblem(answer, { status: 500, type: 'unreadable-event' });
    expect(await api().store.streamVersion(stream)).toBe(1);
  });

  it.each([1, 'exists'] as const)(
    'are refused by another process too that expects %s before it is so',
    async (expectedVersion) => {
      const other = await openEventStore({ redisUrl: url, prefix, registry: shopRegistry });
      const wrong = { type: 'PaymentReceived', data: paid('x', 1).eventData };
      try {
        for (let n = 0; n < 300; n += 1) {
          const orderId = `race-${expectedVersion}-${n}`;
          const stream = `order:${orderId}`;
          const events = [{ ...wrong, data: { ...wrong.data, orderId } }];
          const outcome = other.appendChecked(stream, events, { expectedVersion }).then(
            () => 'stored',
            (error: { readonly code: string }) => error.code,
          );
          // so that the two meet in every order
          for (let turn = 0; turn < n % 40; turn += 1) await nextTurn();
          await api().store.append(stream, [{ type: 'OrderPlaced', data: placed(orderId).eventData }]);
          expect(['WRONG_EXPECTED_VERSION', 'CONTRADICTS_HISTORY']).toContain(await outcome);
        }
      } finally {
        await other.close();
      }
    },
  );

  it('are refused however many processes append at once, and nobody is told of a version that they did not expect', async () => {
    const streamId = 'account:hot';
    const openedAt = '2026-01-01T00:00:00Z';
    const opened = { accountId: 'hot', owner: 'o', currency: 'USD', openedAt };
    await api().post('/api/events', { streamId, eventType: 'AccountOpened', eventData: opened });
    const options = { redisUrl: url, prefix, registry: shopRegistry };
    const stores = await Promise.all(Array.from({ length: 3 }, () => openEventStore(options)));
    const data = { accountId: 'hot', amount: usd(1), balanceAfter: usd(1) };
    const deposit = [{ type: 'MoneyDeposited', data }];
    try {
      const all = stores.flatMap((store) =>
        Array.from({ length: 30 }, () => store.appendChecked(streamId, deposit)),
      );
      const outcomes = await Promise.allSettled(all);
      const done = outcomes.filter(({ status }) => status === 'fulfilled').length;
      // and an order is paid once
      for (let n = 0; n < 20; n += 1) {
        const stream = `order:hot-${n}`;
        await api().store.append(stream, [{ type: 'OrderPlaced', data: placed(`hot-${n}`).eventData }]);
        const payment = [{ type: 'PaymentReceived', data: paid(`hot-${n}`).eventData }];
        const payments = await Promise.allSettled(
          stores.map((store) => store.appendChecked(stream, payment)),
        );
        expect(payments.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      }
      const refusals = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [outcome.reason.code] : [],
      );
      expect(refusals.filter((code) => code !== 'STREAM_BUSY')).toEqual([]);
      expect(await api().store.streamVersion(streamId)).toBe(1 + done);
      // of many that wait for each other in one process all get through
      const inOne = await Promise.all(
        Array.from({ length: 300 }, () => stores[0]?.appendChecked(streamId, deposit)),
      );
      expect(new Set(inOne.map((result) => result?.version)).size).toBe(300);
    } finally {
      await Promise.all(stores.map((store) => store.close()));
    }
  });

  it('are no contradiction to the request that created the stream, whenever it is repeated', async () => {
    const streamId = 'account:for-ever';
    const eventData = {
      accountId: 'for-ever',
      owner: 'o',
      currency: 'USD',
      openedAt: '2026-01-01T00:00:00Z',
    };
    const open = async () =>
      await api().post(
        '/api/events',
        { streamId, eventType: 'AccountOpened', eventData },
        { 'idempotency-key': 'open-for-ever' },
      );
    const first = await open();
    // as after a day
    const { redis } = api().store;
    const kept = [...(await redis.keys(`${prefix}*idempotency*`)), ...(await redis.keys(`${prefix}*claim*`))];
    expect(await redis.del(...kept)).toBe(kept.length);
    const again = await open();
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.data).toEqual(first.data);
    expect(await api().store.streamVersion(streamId)).toBe(1);
    const other = { ...eventData, owner: 'somebody else' };
    expectProblem(
      await api().post('/api/events', { streamId, eventType: 'AccountOpened', eventData: other }),
      refused,
    );
  });

  it('are counted as refused', async () => {
    const before = api().store.appendStats().outcomes.refused;
    await api().post('/api/events', { streamId: 'order:counted', ...paid('counted') });
    expect(api().store.appendStats().outcomes.refused).toBe(before + 1);
  });

  it('are those of accounts too', async () => {
    const streamId = 'account:twice';
    const opened = {
      eventType: 'AccountOpened',
      eventData: { accountId: 'twice', owner: 'o', currency: 'USD', openedAt: '2026-01-01T00:00:00Z' },
    };
    const eventData = { accountId: 'twice', amount: usd(5), balanceAfter: usd(5) };
    const deposited = { eventType: 'MoneyDeposited', eventData };
    expectProblem(await api().post('/api/events', { streamId, ...deposited }), refused);
    expect((await api().post('/api/events', { streamId, events: [opened, deposited] })).status).toBe(201);
    expectProblem(await api().post('/api/events', { streamId, ...opened }), refused);
    const closed = { eventType: 'AccountClosed', eventData: { accountId: 'twice' } };
    expect((await api().post('/api/events', { streamId, ...closed })).status).toBe(201);
    expectProblem(await api().post('/api/events', { streamId, ...deposited }), refused);
  });
});
