import { type Consumer, createDecidedCommandConsumers, decidedCommandHandlers } from '@headrace/consumer';
import { accountStream } from '@headrace/shop';
import { eventually } from '@headrace/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommands } from '../src/commands/kinds.ts';
import { useEventApi } from './event-api.ts';

const later = { prefer: 'respond-async' };
const now = () => new Date();

describe('commands that are executed later', () => {
  const { api } = useEventApi();
  let consumers: readonly Consumer[];

  beforeAll(() => {
    consumers = createDecidedCommandConsumers({
      store: api().store,
      instance: 'event-api-1',
      commands: createCommands(now),
    });
    for (const consumer of consumers) consumer.start();
  });
  afterAll(() => Promise.all(consumers.map((consumer) => consumer.stop())));

  async function send(type: string, data: object, more: object = {}, headers: object = {}) {
    const answer = await api().command(type, data, more, { ...later, ...headers });
    const { id } = answer.data.command;
    expect(answer.status).toBe(202);
    expect(answer.headers).toMatchObject({
      'preference-applied': 'respond-async',
      location: `/api/commands/${id}/status`,
    });
    return { id: id as string, answer };
  }

  async function outcomeOf(id: string) {
    return await eventually(async () => {
      const { data } = await api().get(`/api/commands/${id}/status`);
      return data.status === 'completed' || data.status === 'failed' ? data : false;
    });
  }

  it('go through a whole account, in order', async () => {
    const accountId = 'later';
    const steps: [string, object][] = [
      ['OpenAccount', { accountId, owner: 'Ada', currency: 'EUR' }],
      ['Deposit', { accountId, amount: 100.5 }],
      ['Withdraw', { accountId, amount: 0.5, currency: 'EUR' }],
      ['Withdraw', { accountId, amount: 100 }],
      ['CloseAccount', { accountId, reason: 'moved' }],
    ];
    const ids: string[] = [];
    for (const [type, data] of steps) {
      const { id, answer } = await send(type, data);
      expect(answer.data.command).toEqual({
        id,
        commandType: type,
        streamId: 'account:later',
        status: 'pending',
      });
      ids.push(id);
    }
    const outcomes = await Promise.all(ids.map(outcomeOf));
    const events = await api().events(accountStream(accountId));
    expect(events.map(({ type }) => type)).toEqual([
      'AccountOpened',
      'MoneyDeposited',
      'MoneyWithdrawn',
      'MoneyWithdrawn',
      'AccountClosed',
    ]);
    for (const [i, outcome] of outcomes.entries()) {
      const { id: eventId, stream: streamId, version, position, recordedAt: timestamp } = events[i] ?? {};
      expect(outcome).toMatchObject({ id: ids[i], commandType: steps[i]?.[0], status: 'completed' });
      expect(outcome.result).toEqual({ eventId, streamId, version, position, timestamp });
      expect(Date.parse(outcome.updatedAt)).toBeGreaterThanOrEqual(Date.parse(outcome.createdAt));
    }
    expect(events.map(({ meta }) => meta.commandId)).toEqual(ids);
  });

  it('say why they failed', async () => {
    await api().account('poor', 10);
    const cases: [string, object, string, object?, object?][] = [
      ['Withdraw', { accountId: 'poor', amount: 11 }, 'INSUFFICIENT_FUNDS'],
      ['Withdraw', { accountId: 'poor', amount: 0.333 }, 'TOO_MANY_DECIMALS'],
      ['Deposit', { accountId: 'poor', amount: 1, currency: 'EUR' }, 'CURRENCY_MISMATCH'],
      ['Deposit', { accountId: 'nobody', amount: 1 }, 'ACCOUNT_NOT_FOUND'],
      ['DeleteUser', { userId: 'user_404' }, 'USER_NOT_FOUND'],
      ['Deposit', { accountId: 'poor', amount: 1 }, 'WRONG_EXPECTED_VERSION', { expectedVersion: 1 }],
      ['Deposit', { accountId: 'poor', amount: 1 }, 'WRONG_EXPECTED_VERSION', {}, { 'if-match': '"7"' }],
    ];
    const before = await api().logLength();
    for (const [type, data, code, more, headers] of cases) {
      const { id } = await send(type, data, more, headers);
      const error = { code, message: expect.any(String) };
      expect(await outcomeOf(id), code).toMatchObject({ status: 'failed', error });
    }
    expect(await api().logLength()).toBe(before);
    const { id } = await send('Deposit', { accountId: 'poor', amount: 1 }, { expectedVersion: 2 });
    expect(await outcomeOf(id)).toMatchObject({ status: 'completed', result: { version: 3 } });
  });

  it('are one under one key', async () => {
    await api().account('keyed', 100);
    const data = { accountId: 'keyed', amount: 1 };
    const key = { 'idempotency-key': 'once' };
    const sent = await Promise.all(Array.from({ length: 10 }, () => send('Withdraw', data, {}, key)));
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
    const isRepeat = sent.map(({ answer }) => answer.headers['idempotency-replayed'] === 'true');
    expect(isRepeat.filter(Boolean)).toHaveLength(9);
    const outcome = await outcomeOf(sent[0]?.id ?? '');
    const waiting = await api().command('Withdraw', data, {}, key);
    expect(waiting).toMatchObject({ status: 201, data: { result: outcome.result } });
    const { answer } = await send('Withdraw', data, {}, key);
    expect(answer.data.command.status).toBe('completed');
    expect(await api().events('account:keyed')).toHaveLength(3);
  });

  it('carry who asks, why and what belongs together to their event', async () => {
    const [cause] = (await api().command('CreateUser', { userId: 'user_cause' })).data.result.eventId.split(
      ' ',
    );
    const metadata = { correlationId: 'c-9', causationId: cause, actor: 'ann' };
    const { id } = await send('CreateUser', { userId: 'user_effect' }, { metadata }, { 'x-actor': 'other' });
    await outcomeOf(id);
    const [event] = await api().events('user_effect');
    expect(event?.meta).toMatchObject({ ...metadata, commandId: id });
    const headers = { 'x-actor': 'bob', 'x-correlation-id': 'c-10' };
    const other = await send('DeleteUser', { userId: 'user_effect' }, {}, headers);
    await outcomeOf(other.id);
    const [, deleted] = await api().events('user_effect');
    expect(deleted?.meta).toMatchObject({ actor: 'bob', correlationId: 'c-10', commandId: other.id });
  });

  it('may come from another service, with money as the contract has it', async () => {
    await api().account('paid', 0);
    const stream = accountStream('paid');
    const amount = { minor: 250, currency: 'USD' };
    const command = { type: 'Deposit', category: 'account', stream, data: { accountId: 'paid', amount } };
    const { commandId } = await api().store.sendCommand(command);
    expect(await outcomeOf(commandId)).toMatchObject({ status: 'completed' });
    const { data } = await api().post('/api/events/account:paid/replay');
    expect(data.finalState.balance).toBe(2.5);
    for (const broken of [
      { ...command, data: { accountId: 'paid', amount: 'all' } },
      { ...command, data: { accountId: 'keyed', amount } },
    ]) {
      const { commandId: id } = await api().store.sendCommand(broken);
      expect(await outcomeOf(id)).toMatchObject({ status: 'failed', error: { code: 'INVALID_COMMAND' } });
    }
  });

  it('delivered twice are executed once, with the same outcome', async () => {
    await api().account('twice', 10);
    const received = {
      commandId: api().store.newCommandId('account:twice'),
      partition: api().store.keys.partitionOf('account:twice'),
      type: 'Withdraw',
      stream: 'account:twice',
      data: { accountId: 'twice', amount: 10 },
      meta: {},
    };
    const handle = decidedCommandHandlers(api().store, createCommands(now))['Withdraw'];
    const delivery = { signal: new AbortController().signal, redelivered: false };
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => handle?.(received, delivery)));
    await api().command('Deposit', { accountId: 'twice', amount: 1 });
    outcomes.push(await handle?.(received, { ...delivery, redelivered: true }));
    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
    expect(outcomes[0]).toMatchObject({ status: 'completed', result: { version: 3 } });
    expect(await api().events('account:twice')).toHaveLength(4);
  });

  it('show as two consumer groups', async () => {
    const groups = await Promise.all(consumers.map(async ({ admin }) => (await admin.status()).group));
    expect(groups).toEqual(['commands:account', 'commands:user']);
  });
});
