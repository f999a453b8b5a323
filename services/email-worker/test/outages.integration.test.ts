import { randomUUID } from 'node:crypto';
import type { EventStore } from '@headrace/event-store';
import { createDatabase } from '@headrace/postgres';
import { eventually, type TcpProxy, tcpProxy, usePostgres, useRedis } from '@headrace/test-kit';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { delivered, newOrder, paid, placed, shipped } from './order-events.ts';
import { type SmtpInbox, startSmtpInbox } from './smtp-inbox.ts';
import { afterwards, caughtUp, environment, openStore, recordsOf, startWorker } from './worker-tools.ts';

const servers = { redis: useRedis(), postgres: usePostgres() };
let store: EventStore;
let inbox: SmtpInbox;
let smtp: TcpProxy;
beforeAll(async () => {
  store = await openStore(servers);
});
beforeEach(async () => {
  inbox = await startSmtpInbox();
  afterwards(inbox.close);
  smtp = await tcpProxy({ target: inbox.url });
  afterwards(() => smtp.close());
});
afterAll(() => store.close());

describe('while the mail server is down', () => {
  it('retries and says so, and afterwards sends everything, each order in its order', async () => {
    const worker = await startWorker(environment(servers, smtp.url));
    await smtp.down();
    const orders = Array.from({ length: 12 }, newOrder);
    for (const order of orders) {
      await store.append(order.stream, [placed(order), paid(order), shipped(order), delivered(order)]);
    }
    await eventually(async () => {
      const [group] = (await worker.get('/consumer')).json().groups;
      const states = group.partitions.map(({ state, reason }: Record<string, string>) => ({ state, reason }));
      const retrying = { state: 'retrying', reason: expect.stringContaining('ECONNREFUSED') };
      expect(states).toEqual([retrying, retrying]);
    });
    expect((await worker.get('/health/live')).status).toBe(200);
    const ready = await worker.get('/health/ready');
    expect(ready.status).toBe(200);
    expect(ready.json().checks).toMatchObject([
      { ok: true },
      { ok: true },
      { name: 'smtp', ok: false, required: false },
    ]);

    await smtp.up();
    await eventually(() => expect(inbox.mails).toHaveLength(48), { timeoutMs: 20_000 });
    for (const { email } of orders) {
      const subjects = inbox.mailsTo(email).map(({ headers }) => headers.get('subject'));
      expect(subjects).toEqual([
        expect.stringContaining('received your order'),
        expect.stringContaining('payment'),
        expect.stringContaining('on its way'),
        expect.stringContaining('delivered'),
      ]);
    }
    await caughtUp(worker);
    expect((await worker.get('/dead-letters')).json().deadLetters).toEqual([]);
    expect((await worker.get('/health/ready')).status).toBe(200);
  });

  it('tries again when the server puts a mail off', async () => {
    const worker = await startWorker(environment(servers, smtp.url));
    const order = newOrder();
    inbox.refused.set(order.email, 450);
    await store.append(order.stream, [placed(order)]);
    await eventually(async () =>
      expect((await recordsOf(worker, order.orderId))[0]?.attempts).toBeGreaterThan(3),
    );
    expect((await worker.get('/dead-letters')).json().deadLetters).toEqual([]);
    inbox.refused.clear();
    await eventually(() => expect(inbox.mailsTo(order.email)).toHaveLength(1));
  });
});

describe('a recipient that the server refuses', () => {
  it('is parked and blocks its own order only, however many there are; a retry sends in order', async () => {
    const worker = await startWorker(environment(servers, smtp.url));
    const refused = Array.from({ length: 30 }, newOrder);
    for (const order of refused) {
      inbox.refused.set(order.email, 550);
      await store.append(order.stream, [placed(order), paid(order)]);
    }
    const good = newOrder();
    await store.append(good.stream, [placed(good), paid(good)]);
    await eventually(() => expect(inbox.mailsTo(good.email)).toHaveLength(2));
    await eventually(async () =>
      expect((await worker.get('/dead-letters?limit=1000')).json().deadLetters).toHaveLength(60),
    );
    expect(inbox.mails).toHaveLength(2);
    expect((await worker.get('/health/ready')).status).toBe(200);

    const [first] = refused;
    const letters = (await worker.get('/dead-letters?limit=1000')).json().deadLetters;
    const ofFirst = letters.filter(({ stream }: { stream: string }) => stream === first?.stream);
    expect(ofFirst).toMatchObject([
      { cause: 'poison', attempts: 1, error: expect.stringMatching(/550.*\[address\]/) },
      { cause: 'blocked', attempts: 0 },
    ]);
    expect(worker.log()).not.toContain('@customers.example');

    inbox.refused.clear();
    expect(await worker.post(`/dead-letters/${first?.stream}/retry`)).toBe(202);
    await eventually(() =>
      expect(inbox.mailsTo(first?.email ?? '').map(({ headers }) => headers.get('subject'))).toEqual([
        expect.stringContaining('received your order'),
        expect.stringContaining('payment'),
      ]),
    );
  });
});

describe('while PostgreSQL is down', () => {
  it('sends no mail twice that was accepted just before', async () => {
    const postgres = await tcpProxy({ target: servers.postgres.url });
    afterwards(() => postgres.close());
    const worker = await startWorker({ ...environment(servers, smtp.url), DATABASE_URL: postgres.url });
    inbox.beforeAccepting = () => {
      inbox.beforeAccepting = async () => undefined;
      return postgres.down();
    };
    const order = newOrder();
    await store.append(order.stream, [placed(order)]);
    await eventually(() => expect(inbox.mails).toHaveLength(1));
    await eventually(async () => {
      const [group] = (await worker.get('/consumer')).json().groups;
      expect(group.partitions).toContainEqual(expect.objectContaining({ state: 'retrying' }));
    });
    await postgres.up();
    await eventually(async () =>
      expect(await recordsOf(worker, order.orderId)).toMatchObject([{ status: 'sent' }]),
    );
    await caughtUp(worker);
    expect(inbox.mails).toHaveLength(1);
  });
});

describe('shutdown', () => {
  it('lets a mail that is being sent finish, and records it', async () => {
    const worker = await startWorker(environment(servers, smtp.url));
    const accepting = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    inbox.beforeAccepting = () => {
      reached.resolve();
      return accepting.promise;
    };
    const order = newOrder();
    await store.append(order.stream, [placed(order), paid(order)]);
    await reached.promise;
    const stopped = worker.stop();
    accepting.resolve();
    await stopped;
    expect(inbox.mails).toHaveLength(1);

    inbox.beforeAccepting = async () => undefined;
    const next = await startWorker(environment(servers, smtp.url));
    await eventually(() => expect(inbox.mails).toHaveLength(2), { timeoutMs: 20_000 });
    await eventually(async () =>
      expect(await recordsOf(next, order.orderId)).toMatchObject([
        { type: 'OrderPlaced', status: 'sent', attempts: 1 },
        { type: 'PaymentReceived', status: 'sent', attempts: 1 },
      ]),
    );
  });

  it('gives up a mail that the server does not answer for, and leaves it to the next instance', async () => {
    const env = environment(servers, smtp.url);
    const worker = await startWorker({ ...env, SHUTDOWN_TIMEOUT_MS: '8000' });
    const reached = Promise.withResolvers<void>();
    inbox.beforeAccepting = () => {
      reached.resolve();
      return new Promise(() => undefined);
    };
    const order = newOrder();
    await store.append(order.stream, [placed(order)]);
    await reached.promise;
    const began = performance.now();
    await worker.stop();
    expect(performance.now() - began).toBeLessThan(8_000);

    inbox.beforeAccepting = async () => undefined;
    const next = await startWorker(environment(servers, smtp.url));
    await eventually(
      async () =>
        expect(await recordsOf(next, order.orderId)).toMatchObject([{ status: 'sent', attempts: 2 }]),
      { timeoutMs: 20_000 },
    );
    expect(inbox.mailsTo(order.email)).toHaveLength(1);
  });
});

describe('when the database turns the worker away', () => {
  const role = `mail_${randomUUID().slice(0, 8)}`;
  const schema = `${role}_schema`;
  const admin = createDatabase<never>({ url: servers.postgres.url, schema, migrations: {} });
  const as = (password: string): string => {
    const url = new URL(servers.postgres.url);
    url.username = role;
    url.password = password;
    return url.href;
  };
  const run = (statement: string): Promise<unknown> => sql.raw(statement).execute(admin.db);
  const cutOff = (): Promise<unknown> =>
    run(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`);
  beforeAll(async () => {
    await run(`create role ${role} login password 'old'`);
    await run(`create schema ${schema} authorization ${role}`);
  });
  afterAll(async () => {
    await run(`drop schema ${schema} cascade`);
    await run(`drop role ${role}`);
    await admin.close();
  });

  it.each([
    ['a changed password', `alter role ${role} password 'new'`, `alter role ${role} password 'old'`],
    ['a role that may not log in', `alter role ${role} nologin`, `alter role ${role} login`],
    [
      'a schema of somebody else',
      `alter schema ${schema} owner to current_user`,
      `alter schema ${schema} owner to ${role}`,
    ],
    [
      'a table that is away',
      `alter table ${schema}.emails rename to emails_away`,
      `alter table ${schema}.emails_away rename to emails`,
    ],
  ])('it waits, says so, and parks nothing: %s', async (_, away, back) => {
    const env = { ...environment(servers, smtp.url), DATABASE_URL: as('old'), DATABASE_SCHEMA: schema };
    const worker = await startWorker(env);
    await run(away);
    await cutOff();
    const order = newOrder();
    await store.append(order.stream, [placed(order)]);
    await eventually(async () => {
      const [group] = (await worker.get('/consumer')).json().groups;
      expect(group.partitions).toContainEqual(expect.objectContaining({ state: 'retrying' }));
    });
    expect((await worker.get('/emails')).status).toBe(503);
    // more often than poison is tried
    await eventually(async () => {
      const [group] = (await worker.get('/consumer')).json().groups;
      expect(group.totals.retried).toBeGreaterThan(3);
    });
    await run(back);
    await eventually(() => expect(inbox.mailsTo(order.email)).toHaveLength(1));
    await caughtUp(worker);
    expect((await worker.get('/dead-letters?limit=1000')).body).not.toContain(order.stream);
    await worker.stop();
  });
});
