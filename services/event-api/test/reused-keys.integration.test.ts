import { randomUUID } from 'node:crypto';
import { COMMAND_KEPT_S } from '@headrace/event-store';
import { describe, expect, it } from 'vitest';
import { type Answer, type Headers, useEventApi } from './event-api.ts';
import { expectProblem } from './refusals.ts';

const later = { prefer: 'respond-async' };
const newKey = (more: Headers = {}): Headers => ({ 'idempotency-key': randomUUID(), ...more });
const eventFor = (streamId: string) => ({ streamId, eventType: 'Noted', eventData: {} });
const accountFor = (accountId: string) => ({ accountId, owner: 'Ada' });

function expectReused(answer: Answer): void {
  expectProblem(answer, { status: 422, type: 'idempotency-key-reused' });
  expect(answer.headers).not.toHaveProperty('location');
}

describe('an Idempotency-Key that comes with another request', () => {
  const { api } = useEventApi();

  it('is refused for events of another stream, one or several', async () => {
    const headers = newKey();
    const first = await api().post('/api/events', eventFor('s:1'), headers);
    expect(first.status).toBe(201);
    expectReused(await api().post('/api/events', eventFor('s:2'), headers));
    const { streamId, ...event } = eventFor('s:1');
    expectReused(await api().post('/api/events', { streamId, events: [event] }, headers));
    expect((await api().post('/api/events', eventFor('s:1'), headers)).json).toEqual(first.json);
    expect([await api().events('s:1'), await api().events('s:2')].map(({ length }) => length)).toEqual([
      1, 0,
    ]);
  });

  it.each([
    ['executed', 'executed', {}, {}],
    ['executed', 'queued', {}, later],
    ['queued', 'executed', later, {}],
    ['queued', 'queued', later, later],
  ] as const)('%s is not %s for another account', async (_, __, how, otherHow) => {
    const key = newKey();
    const [one, two] = [randomUUID(), randomUUID()];
    const first = await api().command('OpenAccount', accountFor(one), {}, { ...key, ...how });
    expect(first.status).toBeLessThan(300);
    const { commands } = await api().store.totals();
    const other = await api().command('OpenAccount', accountFor(two), {}, { ...key, ...otherHow });
    expectReused(other);
    expect((await api().store.totals()).commands).toBe(commands);
    expect(await api().events(`account:${two}`)).toEqual([]);
    const again = await api().command('OpenAccount', accountFor(one), {}, { ...key, ...how });
    expect(again.data.command.id).toBe(first.data.command.id);
  });

  it('is refused on the other route', async () => {
    const headers = newKey();
    expect((await api().post('/api/events', eventFor('s:3'), headers)).status).toBe(201);
    expectReused(await api().command('CreateUser', { userId: 'user_reused' }, {}, headers));
    const other = newKey();
    expect((await api().command('CreateUser', { userId: 'user_3' }, {}, other)).status).toBe(201);
    expectReused(await api().post('/api/events', eventFor('s:4'), other));
  });

  it('is free after a request that could never be done', async () => {
    const headers = newKey();
    const opened = { eventType: 'AccountOpened', eventData: { accountId: 'free' }, streamId: 'account:free' };
    for (const wrong of [{ streamId: 's:5' }, { ...eventFor('s:5'), eventType: 'no type' }, opened])
      expect((await api().post('/api/events', wrong, headers)).status).toBe(400);
    expect((await api().post('/api/events', eventFor('s:5'), headers)).status).toBe(201);
    const other = newKey();
    expect((await api().command('OpenAccount', { accountId: 'free' }, {}, other)).status).toBe(400);
    expect((await api().command('OpenAccount', accountFor('free'), {}, other)).status).toBe(201);
  });

  it('is refused to all but one of twenty who open other accounts with it at once', async () => {
    const headers = newKey();
    const before = await api().logLength();
    const ask = (how: Headers) =>
      api().command('OpenAccount', accountFor(randomUUID()), {}, { ...headers, ...how });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask({})));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of answers) if (answer.status !== 201) expectReused(answer);
    expect(await api().logLength()).toBe(before + 1);
  });

  it('is remembered for longer than the command that it was for', async () => {
    const headers = newKey();
    await api().command('CreateUser', { userId: 'user_kept' }, {}, headers);
    const { redis, keys } = api().store;
    const claimedS = await redis.ttl(keys.claim(headers['idempotency-key'] ?? ''));
    expect(claimedS).toBeGreaterThan(COMMAND_KEPT_S + 86_400);
  });
});
