import type { ConsumerAdmin, ConsumerStatus, DeadLetter, OperatorRequest } from '@headrace/consumer';
import { describe, expect, it } from 'vitest';
import { appForTests } from '../../test/app-for-tests.ts';
import { encodeCursor } from '../http/cursor.ts';
import { registerConsumerMetrics } from '../metrics/consumer-metrics.ts';
import { registerConsumerRoutes } from './register-consumer-routes.ts';

const STREAM = 'order:eu/1';
const EVENT = '3-1732150000000-0';

function adminOf(group: string, parked: boolean, calls: string[] = [], sizeOfEach = 1_000): ConsumerAdmin {
  const letterOf = (eventId: string): DeadLetter => ({
    group,
    partition: 3,
    stream: STREAM,
    eventId,
    cause: 'poison',
    error: 'no template',
    stack: 'Error: no template\n    at mail.ts:1',
    attempts: 5,
    instance: 'i-1',
    parkedAt: '2026-01-15T14:00:00.000Z',
    retryAt: null,
    event: null,
  });
  const letters = parked ? [EVENT, '3-1732150000001-0', '3-1732150000002-0'].map(letterOf) : [];
  return {
    group,
    status: async () => {
      calls.push('status');
      return statusOf(group);
    },
    deadLetters: async ({ limit, after }) => {
      const rest = letters.filter(({ eventId }) => after === undefined || eventId > after.eventId);
      const size = rest.slice(0, limit).length * sizeOfEach;
      return { letters: rest.slice(0, limit), size, isEnd: rest.length <= limit };
    },
    deadLetterTotals: async () => ({ streams: parked ? 1 : 0, events: letters.length, openRequests: 2 }),
    requests: async (limit) => {
      calls.push(`requests ${limit}`);
      return [];
    },
    requestRetries: async ({ cause, error }, { actor } = {}) => {
      calls.push(`retry ${cause} ${error} ${actor}`);
      return parked ? 1 : 0;
    },
    requestDiscards: async ({ cause, error }, reason, { actor } = {}) => {
      calls.push(`discard ${cause} ${error} ${reason} ${actor}`);
      return letters.length;
    },
    requestRetry: async (stream) => {
      refuseNul(stream);
      return parked && stream === STREAM;
    },
    requestResync: async ({ how, partition, reason, actor }) => {
      calls.push(`${how} ${partition} ${reason} ${actor}`);
      if (how === 'rebuild') return { status: 'not-possible', why: 'mail was sent' };
      return parked ? { status: 'requested', partitions: [3] } : { status: 'not-diverged' };
    },
    requestDiscard: async (stream, eventId, reason) => {
      refuseNul(stream, eventId);
      calls.push(reason);
      return parked && stream === STREAM && eventId === EVENT;
    },
  };
}

/** As PostgreSQL does. */
function refuseNul(...texts: readonly string[]): void {
  if (texts.some((text) => text.includes('\0'))) throw new Error('invalid byte sequence: 0x00');
}

function statusOf(group: string): ConsumerStatus {
  const partition = {
    epoch: 4,
    position: null,
    lagSeconds: 1.5,
    inFlight: 2,
    blockedStreams: 1,
    deferredStreams: 0,
  };
  return {
    group,
    instance: 'i-1',
    mode: 'acknowledged',
    members: ['i-1', 'i-2'],
    partitions: [
      { ...partition, partition: 0, state: 'running', lagEvents: 7 },
      { ...partition, partition: 3, state: 'paused', lagEvents: 0, reason: 'too many parked events' },
    ],
    totals: { handled: 100, retried: 3, parked: 1, leaseChanges: 2 },
  };
}

async function workerApp(admins: readonly ConsumerAdmin[]) {
  const { app, log } = await appForTests();
  registerConsumerRoutes(app, admins);
  registerConsumerMetrics(app.metrics, admins);
  return { app, log };
}

describe('consumer routes', () => {
  it('shows the groups', async () => {
    const { app } = await workerApp([adminOf('mail', false), adminOf('sms', false)]);
    const response = await app.inject({ url: '/consumer' });
    expect(response.json().groups.map((group: { group: string }) => group.group)).toEqual(['mail', 'sms']);
  });

  it('lists dead letters, bounded and by group', async () => {
    const { app } = await workerApp([adminOf('mail', true), adminOf('sms', true)]);
    const list = async (query: string) => (await app.inject({ url: `/dead-letters${query}` })).json();
    expect((await list('')).deadLetters).toHaveLength(6);
    expect((await list('?limit=4')).deadLetters).toHaveLength(4);
    expect((await list('?group=sms')).deadLetters.map((letter: DeadLetter) => letter.group)).toEqual([
      'sms',
      'sms',
      'sms',
    ]);
    expect(await list('?group=fax')).toMatchObject({ status: 404, known: ['mail', 'sms'] });
    expect(await list('?limit=0')).toMatchObject({ status: 400, errors: [{ in: 'query', path: 'limit' }] });
    expect(await list('?limits=1')).toMatchObject({ status: 400 });
  });

  it('lists dead letters page by page, across groups, to the end', async () => {
    const { app } = await workerApp(['mail', 'fax', 'sms'].map((group) => adminOf(group, group !== 'fax')));
    for (const [limit, sizes] of [
      [1, [1, 1, 1, 1, 1, 1]],
      [2, [2, 2, 2]],
      [3, [3, 3]],
      [4, [4, 2]],
      [6, [6]],
    ] as const) {
      const pages: DeadLetter[][] = [];
      let cursor = '';
      do {
        const { deadLetters, nextCursor } = (
          await app.inject({ url: `/dead-letters?limit=${limit}${cursor}` })
        ).json();
        pages.push(deadLetters);
        cursor = nextCursor === null ? '' : `&cursor=${nextCursor}`;
      } while (cursor !== '');
      expect(pages.map((page) => page.length)).toEqual(sizes);
      expect(new Set(pages.flat().map(({ group, eventId }) => group + eventId)).size).toBe(6);
    }
  });

  it('ends a page of large dead letters where a group ends', async () => {
    const { app } = await workerApp(['mail', 'fax', 'sms'].map((group) => adminOf(group, true, [], 200_000)));
    const { deadLetters, nextCursor } = (await app.inject({ url: '/dead-letters' })).json();
    expect(deadLetters).toHaveLength(6);
    const rest = (await app.inject({ url: `/dead-letters?cursor=${nextCursor}` })).json();
    expect([rest.deadLetters.length, rest.nextCursor]).toEqual([3, null]);
  });

  it('takes the cursors that it gives, whatever the stream is called', async () => {
    const { app } = await workerApp([adminOf('mail', true)]);
    for (const stream of ['', 'a\0b', 'x'.repeat(1_000)]) {
      const cursor = encodeCursor(['mail', stream, EVENT]);
      const { statusCode } = await app.inject({ url: `/dead-letters?cursor=${cursor}` });
      expect(statusCode).toBe(200);
    }
  });

  it('refuses a cursor that is none, or of a group that is not asked for', async () => {
    const { app } = await workerApp([adminOf('mail', true), adminOf('sms', true)]);
    const list = async (query: string) => (await app.inject({ url: `/dead-letters${query}` })).json();
    for (const cursor of [
      'x',
      encodeCursor({}),
      encodeCursor(['mail', STREAM]),
      encodeCursor(['mail', STREAM, '1']),
      encodeCursor(['fax', STREAM, EVENT]),
    ])
      expect(await list(`?cursor=${cursor}`)).toMatchObject({
        status: 400,
        errors: [{ in: 'query', path: 'cursor' }],
      });
    const { nextCursor } = await list('?limit=1');
    expect(await list(`?group=sms&cursor=${nextCursor}`)).toMatchObject({ status: 400 });
    expect((await list(`?group=mail&cursor=${nextCursor}`)).deadLetters).toHaveLength(2);
  });

  it('requests a retry of a stream with a slash in its name', async () => {
    const { app, log } = await workerApp([adminOf('mail', true), adminOf('sms', false)]);
    const url = `/dead-letters/${encodeURIComponent(STREAM)}/retry`;
    const response = await app.inject({ method: 'POST', url, headers: { 'x-actor': 'ops' } });
    expect([response.statusCode, response.json()]).toEqual([202, { stream: STREAM, groups: ['mail'] }]);
    expect(log.some((line) => line.includes('retry') && line.includes('"actor":"ops"'))).toBe(true);
    const nul = await app.inject({ method: 'POST', url: '/dead-letters/%00/retry' });
    expect(nul.statusCode).toBe(404);
    const unknown = await app.inject({ method: 'POST', url: '/dead-letters/order:2/retry' });
    expect(unknown.statusCode).toBe(404);
  });

  it('requests a discard with a reason', async () => {
    const calls: string[] = [];
    const { app } = await workerApp([adminOf('mail', true, calls)]);
    const discard = (eventId: string, query: string) =>
      app.inject({ method: 'DELETE', url: `/dead-letters/${encodeURIComponent(STREAM)}/${eventId}${query}` });
    expect((await discard(EVENT, '?reason=duplicate%20order')).statusCode).toBe(202);
    expect(calls).toEqual(['duplicate order']);
    expect((await discard('3-1-0', '?reason=x')).statusCode).toBe(404);
    expect((await discard('%00', '?reason=x')).statusCode).toBe(404);
    const nul = await app.inject({ method: 'DELETE', url: `/dead-letters/%00/${EVENT}?reason=x` });
    expect(nul.statusCode).toBe(404);
    expect((await app.inject({ url: '/dead-letters?group=%00' })).statusCode).toBe(404);
    expect((await discard(EVENT, '')).json()).toMatchObject({ status: 400, errors: [{ path: 'reason' }] });
    expect((await discard(EVENT, '?reason=%20')).statusCode).toBe(400);
    expect((await discard(EVENT, `?reason=${'x'.repeat(501)}`)).statusCode).toBe(400);
  });
});

describe('requests about many dead letters', () => {
  it('tells how much is parked of each group', async () => {
    const { app } = await workerApp([adminOf('mail', true), adminOf('sms', false)]);
    const { totals } = (await app.inject({ url: '/dead-letters?limit=1' })).json();
    expect(totals).toEqual([
      { group: 'mail', streams: 1, events: 3, openRequests: 2 },
      { group: 'sms', streams: 0, events: 0, openRequests: 2 },
    ]);
    expect((await app.inject({ url: '/dead-letters?group=sms' })).json().totals).toHaveLength(1);
  });

  it('asks each group for those that are meant', async () => {
    const calls: string[] = [];
    const { app, log } = await workerApp([adminOf('mail', true, calls), adminOf('sms', false, calls)]);
    const retry = async (query: string) => {
      const headers = { 'x-actor': 'ops' };
      const response = await app.inject({ method: 'POST', url: `/dead-letters/retry${query}`, headers });
      return [response.statusCode, response.json()];
    };
    const groups = [
      { group: 'mail', streams: 1 },
      { group: 'sms', streams: 0 },
    ];
    expect(await retry('')).toEqual([202, { groups }]);
    expect(await retry('?group=mail&cause=poison&error=no%20template')).toEqual([
      202,
      { groups: groups.slice(0, 1) },
    ]);
    expect(calls).toEqual([
      'retry undefined undefined ops',
      'retry undefined undefined ops',
      'retry poison no template ops',
    ]);
    expect(log.some((line) => line.includes('retry of parked streams') && line.includes('ops'))).toBe(true);
    expect(await retry('?group=fax')).toMatchObject([404, {}]);
    expect(await retry('?cause=odd')).toMatchObject([400, { errors: [{ path: 'cause' }] }]);
  });

  it('drops many only of one named group, and with a reason', async () => {
    const calls: string[] = [];
    const { app } = await workerApp([adminOf('mail', true, calls), adminOf('sms', false, calls)]);
    const discard = async (query: string) => {
      const response = await app.inject({ method: 'DELETE', url: `/dead-letters${query}` });
      return [response.statusCode, response.json()];
    };
    expect(await discard('?group=mail&reason=spam&error=template')).toEqual([
      202,
      { groups: [{ group: 'mail', events: 3 }] },
    ]);
    expect(calls).toEqual(['discard undefined template spam undefined']);
    expect(await discard('?reason=spam')).toMatchObject([400, { errors: [{ path: 'group' }] }]);
    expect(await discard('?group=mail')).toMatchObject([400, { errors: [{ path: 'reason' }] }]);
  });

  it('tells what was asked for and what has become of it', async () => {
    const request: OperatorRequest = {
      ...{ partition: 3, kind: 'retry' as const, stream: STREAM, eventId: null, reason: null, actor: 'ops' },
      ...{ requestedAt: '2026-01-15T14:00:00.000Z', finishedAt: null, outcome: null },
    };
    const mail: ConsumerAdmin = { ...adminOf('mail', true), requests: async () => [request] };
    const { app } = await workerApp([mail, adminOf('sms', false)]);
    const response = await app.inject({ url: '/dead-letters/requests?limit=5' });
    expect(response.json()).toEqual({ requests: [{ group: 'mail', ...request }] });
  });
});

describe('resync', () => {
  it('is requested of one group, with who asks and why', async () => {
    const calls: string[] = [];
    const { app } = await workerApp([adminOf('mail', true, calls), adminOf('sms', false)]);
    const resync = async (query: string) => {
      const headers = { 'x-actor': 'ops' };
      const response = await app.inject({ method: 'POST', url: `/consumer/resync?${query}`, headers });
      return [response.statusCode, response.json()];
    };
    expect(await resync('group=mail&how=accept&partition=3&reason=fail-over')).toEqual([
      202,
      { group: 'mail', how: 'accept', partitions: [3] },
    ]);
    expect(calls).toEqual(['accept 3 fail-over ops']);
    const possible = { type: '/problems/resync-not-possible', detail: 'mail was sent' };
    expect(await resync('group=mail&how=rebuild&reason=x')).toMatchObject([409, possible]);
    const sound = { type: '/problems/not-diverged' };
    expect(await resync('group=sms&how=accept&reason=x')).toMatchObject([409, sound]);
    expect(await resync('group=fax&how=accept&reason=x')).toMatchObject([404, { known: ['mail', 'sms'] }]);
    for (const query of ['group=mail&how=accept', 'group=mail&reason=x', 'how=accept&reason=x'])
      expect(await resync(query)).toMatchObject([400, {}]);
  });
});

describe('consumer metrics', () => {
  it('reports lag, totals and partitions, asking each group once a scrape', async () => {
    const calls: string[] = [];
    const { app } = await workerApp([adminOf('mail', false, calls)]);
    await app.inject({ url: '/metrics' });
    const { body } = await app.inject({ url: '/metrics' });
    expect(calls).toEqual(['status', 'status']);
    for (const line of [
      'headrace_consumer_up{group="mail",service="test"} 1',
      'headrace_consumer_lag_events{group="mail",partition="0",service="test"} 7',
      'headrace_consumer_lag_seconds{group="mail",partition="3",service="test"} 1.5',
      'headrace_consumer_handled_total{group="mail",service="test"} 100',
      'headrace_consumer_parked_total{group="mail",service="test"} 1',
      'headrace_consumer_lease_changes_total{group="mail",service="test"} 2',
      'headrace_consumer_partitions_owned{group="mail",service="test"} 2',
      'headrace_consumer_partitions{group="mail",state="paused",service="test"} 1',
    ]) {
      expect(body).toContain(line);
    }
  });

  it('keeps the page when a group cannot be asked', async () => {
    const broken = { ...adminOf('mail', false), status: () => Promise.reject(new Error('down')) };
    const { app } = await workerApp([broken, adminOf('sms', false)]);
    const { statusCode, body } = await app.inject({ url: '/metrics' });
    expect(statusCode).toBe(200);
    expect(body).toContain('headrace_consumer_up{group="mail",service="test"} 0');
    expect(body).toContain('headrace_consumer_lag_events{group="sms",partition="0",service="test"} 7');
  });
});
