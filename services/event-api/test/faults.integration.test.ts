import { createEventStore } from '@headrace/event-store';
import { shopRegistry } from '@headrace/shop';
import { eventually, type TcpProxy, tcpProxy, useRedis } from '@headrace/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EventApi, eventApiOn } from './event-api.ts';
import { expectProblem } from './refusals.ts';

const { url, prefix } = useRedis();

describe('a network that fails', () => {
  let proxy: TcpProxy;
  let api: EventApi;

  beforeEach(async () => {
    proxy = await tcpProxy({ target: url });
    const store = createEventStore({
      redisUrl: proxy.url,
      prefix,
      registry: shopRegistry,
      connectWaitMs: 300,
      commandTimeoutMs: 1_000,
      confirmTimeoutMs: 500,
    });
    await store.open();
    api = await eventApiOn(store);
  });

  afterEach(async () => {
    await api.app.close();
    await api.store.close();
    await proxy.close();
  });

  /** The type stands in the request that appends the event, and in no other. */
  const isAppend = (of: string) => (request: Buffer) => request.includes(of);

  it.each([
    ['without a key', {}],
    ['with a key', { 'idempotency-key': 'lost' }],
  ])(
    'a command whose reply from Redis is lost is done once, and has its status (%s)',
    async (title, headers) => {
      const accountId = `lost-${title.replaceAll(' ', '-')}`;
      await api.account(accountId, 100);
      proxy.dropReplies(isAppend('MoneyWithdrawn'));
      const answer = await api.command('Withdraw', { accountId, amount: 5 }, {}, headers);
      expect(proxy.droppedReplies).toBe(1);
      expect([answer.status, answer.data.result.version]).toEqual([201, 3]);
      if (!('idempotency-key' in headers)) expect(answer.headers).not.toHaveProperty('idempotency-replayed');
      expect(await api.events(`account:${accountId}`)).toHaveLength(3);
      const { data } = await api.get(`/api/commands/${answer.data.command.id}/status`);
      expect(data).toMatchObject({ status: 'completed', result: answer.data.result });
    },
  );

  it('a queued command whose reply is lost is queued once', async () => {
    const { commands } = await api.store.totals();
    proxy.dropReplies(isAppend('CreateUser'));
    const answer = await api.command('CreateUser', { userId: 'user_lost' }, {}, { prefer: 'respond-async' });
    expect([answer.status, answer.data.command.status]).toEqual([202, 'pending']);
    expect(proxy.droppedReplies).toBe(1);
    expect((await api.store.totals()).commands).toBe(commands + 1);
  });

  it('an event without condition and key, whose reply is lost, is told to be uncertain', async () => {
    const body = { streamId: 'thing:1', eventType: 'Uncertain', eventData: {} };
    proxy.dropReplies(isAppend('Uncertain'));
    expectProblem(await api.post('/api/events', body), { status: 503, type: 'append-outcome-unknown' });
    proxy.dropReplies(isAppend('Uncertain'));
    const keyed = await api.post('/api/events', body, { 'idempotency-key': 'sure' });
    expect([keyed.status, keyed.data.version]).toEqual([201, 2]);
    expect(await api.events('thing:1')).toHaveLength(2);
  });

  it('answers 503 while Redis is away, and goes on by itself when it is back', async () => {
    await api.account('away', 10);
    await proxy.down();
    await eventually(async () => (await api.get('/health/ready')).status === 503);
    const refused = [
      await api.post('/api/events', { streamId: 'thing:2', eventType: 'A', eventData: {} }),
      await api.command('Withdraw', { accountId: 'away', amount: 1 }),
      await api.command('Withdraw', { accountId: 'away', amount: 1 }, {}, { prefer: 'respond-async' }),
      await api.get('/api/events/account:away'),
      await api.get('/api/events'),
      await api.get('/health'),
    ];
    for (const answer of refused) {
      expectProblem(answer, { status: 503, type: 'store-unavailable' });
      expect(answer.headers).toMatchObject({ 'retry-after': '1' });
    }
    expect((await api.get('/health/live')).status).toBe(200);
    await proxy.up();
    await eventually(async () => (await api.get('/health/ready')).status === 200);
    expect((await api.command('Withdraw', { accountId: 'away', amount: 1 })).status).toBe(201);
  });
});
