import { readdir, rm } from 'node:fs/promises';
import type { EventStore } from '@headrace/event-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './support/eventually.ts';
import { allPages, getJson, type HttpAnswer, send } from './support/http.ts';
import { readLog } from './support/log.ts';
import { mailsIn } from './support/mails.ts';
import { openStore } from './support/store.ts';
import { startTestSystem, type TestSystem } from './support/test-system.ts';

const transactional = ['projection-service', 'analytics-worker', 'billing-worker'];
const withDatabase = ['email-worker', ...transactional];
const services = ['order-api', 'event-api', ...withDatabase];
const OLD = 'old-1';

interface Group {
  readonly group: string;
  readonly partitions: readonly { readonly partition: number; readonly state: string }[];
}

let system: TestSystem;
/** Services that have said that the log is not the one they know. */
const missing = new Set<string>();
let restarts: Promise<unknown> = Promise.resolve();

beforeAll(async () => {
  const line = (source: string, text: string): void => {
    if (text.includes('"the log cannot be reached yet')) missing.add(source);
  };
  // they are waited for from before the log is adopted
  system = await startTestSystem({ readyTimeoutMs: 170_000, log: { line, message: () => undefined } });
});
afterAll(async () => {
  await system?.close();
  await restarts.catch(() => undefined);
});

const ask = (service: string, path: string): Promise<HttpAnswer> =>
  send('GET', `${system.url(service)}${path}`);

function place(orderId: string): Promise<HttpAnswer> {
  const order = { orderId, userId: 'ann', email: 'ann@example.com', items: [{ id: 'book', name: 'Book' }] };
  return send('POST', `${system.url('order-api')}/orders`, { ...order, amount: 10 });
}

async function expectRefused(orderId: string, why: string): Promise<void> {
  expect(await place(orderId)).toMatchObject({ status: 503, body: { type: `/problems/${why}` } });
}

async function groupsOf(service: string): Promise<readonly Group[]> {
  return (await getJson<{ groups: readonly Group[] }>(`${system.url(service)}/consumer`)).groups;
}

/** The states in which the groups of the transactional services are on a partition. */
async function statesOn(partition: number): Promise<readonly (string | undefined)[]> {
  const groups = (await Promise.all(transactional.map(groupsOf))).flat();
  return groups.map((group) => group.partitions.find((one) => one.partition === partition)?.state);
}

/** These orders, and no others, have had a mail and an invoice. */
async function expectHandled(...orderIds: readonly string[]): Promise<void> {
  expect(await mailsIn(system.url('mail'))).toHaveLength(orderIds.length);
  const url = `${system.url('billing-worker')}/invoices?limit=100`;
  const invoices = await allPages<{ orderId: string }>(url, 'invoices');
  expect(invoices.map(({ orderId }) => orderId).toSorted()).toEqual(orderIds.toSorted());
}

async function expectNothingParked(): Promise<void> {
  for (const service of withDatabase) {
    const { deadLetters } = await getJson<{ deadLetters: unknown }>(`${system.url(service)}/dead-letters`);
    expect(deadLetters).toEqual([]);
  }
}

async function redisComesBackEmpty(): Promise<void> {
  await system.redis.stop();
  const dir = `${system.dataDir}/redis`;
  for (const name of await readdir(dir))
    if (name.startsWith('appendonlydir')) await rm(`${dir}/${name}`, { recursive: true });
  await system.redis.restart();
}

async function withStore<T>(work: (store: EventStore) => Promise<T>): Promise<T> {
  const store = await openStore(system.redis.url);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Of the partitions, that of the order that was lost. */
let partition = -1;

describe('a Redis that comes back without its data', () => {
  it('is not taken for a new log by services that run', async () => {
    expect((await place(OLD)).status).toBe(201);
    await eventually('mail and invoice', () => expectHandled(OLD));
    partition = await withStore(async ({ keys }) => keys.partitionOf(`order:${OLD}`));
    await eventually('all at its end', async () =>
      expect(new Set(await statesOn(partition))).toEqual(new Set(['idle'])),
    );
    await redisComesBackEmpty();

    await eventually('a refusal', () => expectRefused('new-1', 'log-changed'));
    for (const service of services)
      await eventually(`${service} not ready`, async () =>
        expect((await ask(service, '/health/ready')).status).toBe(503),
      );
    await eventually('diverged groups', async () =>
      expect(new Set(await statesOn(partition))).toEqual(new Set(['diverged'])),
    );
    await expectHandled(OLD);
    await expectNothingParked();
  });

  it('takes no orders from a service that has not known the old log either', async () => {
    const [api] = system.services['order-api'] ?? [];
    await api?.stop();
    const restarted = api?.restart();
    restarted?.catch(() => undefined);
    for (const orderId of ['new-2', OLD])
      await eventually('a refusal', () => expectRefused(orderId, 'log-disputed'));
    // it waits until it is ready, which it is not
    await api?.stop();
    await restarted?.catch(() => undefined);
    await expectHandled(OLD);
  });

  it('is not worked on by services that start, and takes no orders', async () => {
    const instances = services.flatMap((name) => system.services[name] ?? []);
    await Promise.all(instances.map((instance) => instance.stop()));
    restarts = Promise.all(instances.map((instance) => instance.restart()));
    // looked at below
    restarts.catch(() => undefined);
    await eventually(
      'services that miss the old log',
      () => expect([...missing].toSorted()).toEqual(withDatabase.toSorted()),
      90_000,
    );

    await eventually('order-api', async () =>
      expect((await ask('order-api', '/health/live')).status).toBe(200),
    );
    for (const orderId of ['new-3', OLD])
      await eventually('a refusal', () => expectRefused(orderId, 'log-disputed'));
    for (const service of withDatabase) {
      expect((await ask(service, '/health/live')).status).toBe(200);
      const { status, body } = await ask(service, '/health/ready');
      expect([status, body]).toEqual([503, expect.objectContaining({ status: 'starting' })]);
      for (const { partitions } of await groupsOf(service)) expect(partitions).toEqual([]);
    }
    await expectHandled(OLD);
    await expectNothingParked();
    expect(await readLog(system.redis.url)).toEqual([]);
  });

  it('is the log once it is adopted', async () => {
    const placed = await withStore(async (store) => {
      expect(await store.adoptLog()).toHaveLength(1);
      await restarts;
      // on the others nothing was handled that is lost
      const ids = Array.from({ length: 20 }, (_, i) => `new-${i}`);
      return ids.find((id) => store.keys.partitionOf(`order:${id}`) !== partition) ?? '';
    });
    expect((await place(placed)).status).toBe(201);
    await eventually('mail and invoice', () => expectHandled(OLD, placed));
    await expectNothingParked();
  });
});
