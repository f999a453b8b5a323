import { createRegistry, nextVersion, orderPlaced } from '@headrace/event-schema';
import { openEventStore } from '@headrace/event-store';
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

  it('may be of a type without a contract, or on a stream that nobody can read', async () => {
    const streamId = 'order:free';
    const note = { streamId, eventType: 'OrderNoted', eventData: { note: 'x' } };
    expect((await api().post('/api/events', note)).status).toBe(201);
    expect((await api().post('/api/events', { streamId, ...placed('free') })).status).toBe(201);

    // as a newer release may have written it
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
    expect((await api().post('/api/events', { streamId: stream, ...paid('unreadable') })).status).toBe(201);
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
