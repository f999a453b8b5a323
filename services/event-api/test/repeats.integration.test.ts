import { randomUUID } from 'node:crypto';
import { COMMAND_KEPT_S } from '@headrace/event-store';
import { describe, expect, it } from 'vitest';
import { type Answer, useEventApi } from './event-api.ts';
import { expectProblem } from './refusals.ts';

const keyed = (key: string, more: object = {}) => ({ 'idempotency-key': key, ...more });
const later = { prefer: 'respond-async' };
const repeated = (answer: Answer) => answer.headers['idempotency-replayed'] === 'true';

describe('commands under an Idempotency-Key', () => {
  const { api } = useEventApi();

  it.each([
    ['OpenAccount', (id: string) => ({ accountId: id, owner: 'Ada' })],
    ['CreateUser', (id: string) => ({ userId: id })],
  ] as const)('%s twenty times at once is done once', async (type, dataOf) => {
    const data = dataOf(`new-${randomUUID()}`);
    const key = randomUUID();
    const ask = () => api().command(type, data, {}, keyed(key));
    const answers = await Promise.all(Array.from({ length: 20 }, ask));
    for (const { status, json } of answers) expect([status, json]).toEqual([201, answers[0]?.json]);
    expect(answers.filter(repeated)).toHaveLength(19);
    expect(await api().events(answers[0]?.data.result.streamId)).toHaveLength(1);
  });

  it('a withdrawal that comes again after the account moved on gets its first answer', async () => {
    await api().account('moved', 100);
    const data = { accountId: 'moved', amount: 60 };
    const first = await api().command('Withdraw', data, {}, keyed('w'));
    await api().command('Deposit', { accountId: 'moved', amount: 5 });
    const again = await api().command('Withdraw', data, { expectedVersion: 2 }, keyed('w'));
    expect([again.status, again.json, again.headers['etag']]).toEqual([201, first.json, '"3"']);
    expect([first, again].map(repeated)).toEqual([false, true]);
    expect(await api().events('account:moved')).toHaveLength(4);
    const { keys, redis } = api().store;
    const receipt = keys.idempotency('account:moved', ['commands', 'commands', first.data.command.id]);
    expect(await redis.ttl(receipt)).toBeGreaterThan(COMMAND_KEPT_S);
  });

  it('is refused for another request, waiting or not', async () => {
    await api().account('reused', 100);
    const data = { accountId: 'reused', amount: 1 };
    expect((await api().command('Withdraw', data, {}, keyed('r'))).status).toBe(201);
    const before = await api().logLength();
    for (const [type, other] of [
      ['Withdraw', { ...data, amount: 2 }],
      ['Deposit', data],
    ] as const) {
      for (const headers of [keyed('r'), keyed('r', later)]) {
        const answer = await api().command(type, other, {}, headers);
        expectProblem(answer, { status: 422, type: 'idempotency-key-reused' });
      }
    }
    expect(await api().logLength()).toBe(before);
    const asBob = await api().command('Withdraw', data, {}, keyed('r', { 'x-actor': 'bob' }));
    expectProblem(asBob, { status: 422, type: 'idempotency-key-reused' });
  });

  it('tries a refused command again, and its status follows', async () => {
    await api().account('retried', 10);
    const data = { accountId: 'retried', amount: 50 };
    const refused = await api().command('Withdraw', data, {}, keyed('x'));
    const statusOf = async () => (await api().get(`/api/commands/${refused.json.commandId}/status`)).data;
    expect([refused.status, (await statusOf()).status]).toEqual([409, 'failed']);
    await api().command('Deposit', { accountId: 'retried', amount: 40 });
    const done = await api().command('Withdraw', data, {}, keyed('x'));
    expect([done.status, done.data.command.id, repeated(done)]).toEqual([201, refused.json.commandId, false]);
    expect(await statusOf()).toMatchObject({ status: 'completed', result: done.data.result });
  });

  it('queues nothing that was executed already', async () => {
    await api().account('both', 10);
    const data = { accountId: 'both', amount: 5 };
    const first = await api().command('Withdraw', data, {}, keyed('b'));
    const queued = await api().command('Withdraw', data, {}, keyed('b', later));
    expect([queued.status, repeated(queued)]).toEqual([202, true]);
    expect(queued.data).toEqual({ command: first.data.command });
    const { keys, redis } = api().store;
    expect(await redis.xlen(keys.commandQueue(keys.partitionOf('account:both'), 'account'))).toBe(0);
  });
});
