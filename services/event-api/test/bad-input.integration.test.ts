import { describe, expect, it } from 'vitest';
import { useEventApi } from './event-api.ts';
import { expectProblem } from './refusals.ts';

const event = { streamId: 'thing:1', eventType: 'Noted', eventData: { note: 'x' } };
const COMMANDS = [
  'CreateUser',
  'UpdateUser',
  'DeleteUser',
  'OpenAccount',
  'Deposit',
  'Withdraw',
  'CloseAccount',
];

describe('bad input is refused, and nothing is stored', () => {
  const { api, prefix } = useEventApi();

  async function expectRefused(path: string, body: unknown, status: number, type: string, members?: object) {
    const keys = await api().store.redis.keys(`${prefix}*`);
    const answer = await api().post(path, body, { 'content-type': 'application/json' });
    expectProblem(answer, { status, type, members });
    expect((await api().store.redis.keys(`${prefix}*`)).sort()).toEqual(keys.sort());
    expect(await api().logLength()).toBe(0);
  }
  const issue = (path: string) => ({
    errors: expect.arrayContaining([{ in: 'body', path, message: expect.any(String) }]),
  });

  it.each<[string, object, string]>([
    ['spaces in a stream id', { ...event, streamId: 'thing 1' }, 'streamId'],
    ['a stream id that no URL can hold', { ...event, streamId: '..' }, 'streamId'],
    ['an empty stream id', { ...event, streamId: '' }, 'streamId'],
    ['257 characters', { ...event, streamId: `thing:${'x'.repeat(251)}` }, 'streamId'],
    ['data that is a list', { ...event, eventData: [1] }, 'eventData'],
    ['data that is text', { ...event, eventData: 'x' }, 'eventData'],
    ['no data', { streamId: 'thing:1', eventType: 'Noted' }, 'eventData'],
    ['a type that is a number', { ...event, eventType: 7 }, 'eventType'],
    ['version -1', { ...event, expectedVersion: -1 }, 'expectedVersion'],
    ['version 1.5', { ...event, expectedVersion: 1.5 }, 'expectedVersion'],
    ['a version in words', { ...event, expectedVersion: 'newest' }, 'expectedVersion'],
    ['an unknown field', { ...event, version: 1 }, 'version'],
    ['a time that is none', { ...event, occurredAt: 'yesterday' }, 'occurredAt'],
    ['a time without an offset', { ...event, occurredAt: '2026-01-01T10:00:00' }, 'occurredAt'],
    ['a day without a time', { ...event, occurredAt: '2026-01-01' }, 'occurredAt'],
    ['29 February of a year without one', { ...event, occurredAt: '2026-02-29T00:00:00Z' }, 'occurredAt'],
    ['second 60', { ...event, occurredAt: '2026-06-30T23:59:60Z' }, 'occurredAt'],
    ['hour 24', { ...event, occurredAt: '2026-01-01T24:00:00Z' }, 'occurredAt'],
    [
      'two times',
      { ...event, occurredAt: '2024-01-01T00:00:00Z', metadata: { occurredAt: '2025-01-01T00:00:00Z' } },
      'occurredAt',
    ],
    ['a command id of the caller’s', { ...event, metadata: { commandId: 'x' } }, 'metadata.commandId'],
    ['an empty batch', { streamId: 'thing:1', events: [] }, 'events'],
    [
      'a batch with one event without a type',
      { streamId: 'thing:1', events: [{ eventData: {} }] },
      'events.0.eventType',
    ],
  ])('%s', async (_, body, path) => {
    await expectRefused('/api/events', body, 400, 'invalid-request', issue(path));
  });

  it.each<[string, string, string]>([
    ['a number beyond every double', '{"x":{"y":1e400}}', 'eventData.x.y'],
    ['a number between two doubles', '{"x":9007199254740993}', 'eventData.x'],
    ['half of a surrogate pair', '{"x":["\\ud800"]}', 'eventData.x.0'],
    ['a name that stands twice', '{"x":1,"x":2}', 'eventData.x'],
  ])('%s, with and without a key', async (_, data, path) => {
    const body = `{"streamId":"thing:1","eventType":"Noted","eventData":${data}}`;
    for (const key of [{}, { 'idempotency-key': 'k1' }]) {
      const answer = await api().post('/api/events', body, { 'content-type': 'application/json', ...key });
      expectProblem(answer, { status: 422, type: 'json-not-exact', members: issue(path) });
    }
    expect(await api().logLength()).toBe(0);
  });

  it.each(['{"a":1e400}', '{"a":9007199254740993}', '{"a":"\\ud800"}', '{"a":1,"a":2}'])(
    'a command, for now or for later, with the attributes %s',
    async (attributes) => {
      const body = `{"commandType":"CreateUser","commandData":{"userId":"u","attributes":${attributes}}}`;
      for (const prefer of [{}, { prefer: 'respond-async' }]) {
        const answer = await api().post('/api/commands', body, {
          'content-type': 'application/json',
          ...prefer,
        });
        const members = issue('commandData.attributes.a');
        expectProblem(answer, { status: 422, type: 'json-not-exact', members });
      }
      expect(await api().store.totals()).toMatchObject({ events: 0, commands: 0 });
    },
  );

  it.each(['0000-06-01T00:00:00Z', '9999-12-31T23:59:59-23:59'])('the time %s', async (occurredAt) => {
    await expectRefused('/api/events', { ...event, occurredAt }, 400, 'invalid-append');
    const eventData = { accountId: 'y0', owner: 'o', currency: 'USD', openedAt: '0000-01-01T00:00:00Z' };
    const opened = { streamId: 'account:y0', eventType: 'AccountOpened', eventData };
    await expectRefused('/api/events', opened, 400, 'contract-violation');
  });

  it.each<[string, object, number, string]>([
    ['a type with spaces', { ...event, eventType: 'no type' }, 400, 'invalid-append'],
    [
      'a registered event on another category’s stream',
      { streamId: 'order:1', eventType: 'UserCreated', eventData: { userId: 'u' } },
      400,
      'category-mismatch',
    ],
    [
      'a registered event that breaks its contract',
      { streamId: 'user:1', eventType: 'UserCreated', eventData: { userId: 7 } },
      400,
      'contract-violation',
    ],
    [
      'an event of more than 512 KiB',
      { ...event, eventData: { x: 'x'.repeat(600_000) } },
      413,
      'append-too-large',
    ],
    [
      'a batch of 1,001 events',
      { streamId: 'thing:1', events: Array(1001).fill({ eventType: 'A', eventData: {} }) },
      413,
      'append-too-large',
    ],
    ['a body of 2 MB', { ...event, eventData: { x: 'x'.repeat(2_000_000) } }, 413, 'body-too-large'],
    [
      'a batch of two actors',
      {
        streamId: 'thing:1',
        events: ['a', 'b'].map((actor) => ({ eventType: 'A', eventData: {}, metadata: { actor } })),
      },
      400,
      'invalid-request',
    ],
  ])('%s', async (_, body, status, type) => {
    await expectRefused('/api/events', body, status, type);
  });

  it('names what breaks a contract', async () => {
    const body = { streamId: 'user:1', eventType: 'UserCreated', eventData: { userId: 7 } };
    const members = { errors: [{ path: 'userId', message: expect.any(String) }] };
    await expectRefused('/api/events', body, 400, 'contract-violation', members);
  });

  it.each<[string, string, object]>([
    ['order:1', 'OrderDelivered', { orderId: '2', userId: 'u' }],
    ['order:1', 'OrderDelivered', { orderId: 'order:1', userId: 'u' }],
    ['account:1', 'AccountClosed', { accountId: 'account:1' }],
    ['user:1', 'UserDeleted', { userId: 'user_1' }],
  ])(
    'an event on %s that is another aggregate’s, or calls it by another id: %s',
    async (streamId, eventType, eventData) => {
      const path = Object.keys(eventData)[0];
      const members = { errors: [{ path, message: expect.stringContaining('the') }] };
      await expectRefused(
        '/api/events',
        { streamId, eventType, eventData },
        400,
        'contract-violation',
        members,
      );
    },
  );

  it('an event in two currencies', async () => {
    const [francs, yen] = [
      { minor: 1, currency: 'CHF' },
      { minor: 1, currency: 'JPY' },
    ];
    const eventData = { accountId: 'mix', amount: francs, balanceAfter: yen };
    const members = {
      errors: [{ path: 'balanceAfter.currency', message: expect.stringContaining('is JPY') }],
    };
    const body = { streamId: 'account:mix', eventType: 'MoneyDeposited', eventData };
    await expectRefused('/api/events', body, 400, 'contract-violation', members);
  });

  it.each<[string, object]>([
    ['CreateUser', { userId: 'user:1' }],
    ['CreateUser', { userId: '..' }],
    ['OpenAccount', { accountId: 'account:1', owner: 'o' }],
    ['CloseAccount', { accountId: '.' }],
  ])('%s for what is no id: %j', async (commandType, commandData) => {
    const path = `commandData.${Object.keys(commandData)[0]}`;
    await expectRefused('/api/commands', { commandType, commandData }, 400, 'invalid-request', issue(path));
  });

  it('malformed JSON, and what is not JSON', async () => {
    await expectRefused('/api/events', '{"streamId":', 400, 'malformed-json');
    const answer = await api().post('/api/events', 'a=b', { 'content-type': 'text/plain' });
    expectProblem(answer, { status: 415, type: 'unsupported-media-type' });
  });

  it('an unknown command type, with the known ones', async () => {
    const body = { commandType: 'RobBank', commandData: {} };
    const message = `must be one of ${COMMANDS.join(', ')}`;
    const members = { errors: [{ in: 'body', path: 'commandType', message }] };
    await expectRefused('/api/commands', body, 400, 'invalid-request', members);
    await expectRefused('/api/commands', { commandData: {} }, 400, 'invalid-request', members);
  });

  it.each<[string, string, unknown, string, object?]>([
    ['no data', 'Deposit', undefined, 'commandData'],
    ['data that is a list', 'Deposit', [], 'commandData'],
    ['an amount in words', 'Deposit', { accountId: 'a', amount: '5' }, 'commandData.amount'],
    [
      'money in minor units',
      'Deposit',
      { accountId: 'a', amount: { minor: 5, currency: 'USD' } },
      'commandData.amount',
    ],
    ['an unknown field', 'OpenAccount', { accountId: 'a', owner: 'A', balance: 9 }, 'commandData.balance'],
    ['an id with spaces', 'CreateUser', { userId: 'a b' }, 'commandData.userId'],
    ['no e-mail address', 'CreateUser', { userId: 'a', email: 'nobody' }, 'commandData.email'],
    ['version -1', 'CreateUser', { userId: 'a' }, 'expectedVersion', { expectedVersion: -1 }],
    [
      'a free field in its metadata',
      'CreateUser',
      { userId: 'a' },
      'metadata.tenant',
      { metadata: { tenant: 'x' } },
    ],
  ])('a command with %s', async (_, commandType, commandData, path, more = {}) => {
    const body = { commandType, commandData, ...more };
    await expectRefused('/api/commands', body, 400, 'invalid-request', issue(path));
    const asynchronous = await api().post('/api/commands', body, { prefer: 'respond-async' });
    expectProblem(asynchronous, { status: 400, type: 'invalid-request' });
    expect((await api().store.totals()).commands).toBe(0);
  });

  it.each([
    ['/api/events/a%20b', 400],
    [`/api/events/${'x'.repeat(257)}`, 400],
    ['/api/events/a/-1', 400],
    ['/api/events/a/x', 400],
    ['/api/events/a?direction=sideways', 400],
    ['/api/events/a?limit=0', 400],
    ['/api/snapshots/a%20b', 400],
    ['/api/commands/x/status', 404],
    ['/api/commands/0-7d1c1a52-5a0c-4f0e-9a5d-6f1f0c0b8e21/status', 404],
    ['/api/nothing', 404],
  ])('GET %s is answered with %i', async (path, status) => {
    const answer = await api().get(path);
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject({ success: false, error: expect.any(String), status });
  });
});
