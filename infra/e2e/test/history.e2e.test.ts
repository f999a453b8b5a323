import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import type { EventStore } from '@headrace/event-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './support/eventually.ts';
import { getJson, send } from './support/http.ts';
import { logKeys, withRedis } from './support/log.ts';
import { mailsIn } from './support/mails.ts';
import { openStore } from './support/store.ts';
import { startTestSystem, type TestSystem } from './support/test-system.ts';

/** `OrderPlaced` as its first version had it: decimal amounts, no currency, no address, quantities left out. */
const orderV1 = (orderId: string) => ({
  orderId,
  userId: 'user-42',
  items: [
    { id: 'book-1', name: 'A Book', price: 33.33 },
    { id: 'book-2', name: 'Another', quantity: 2, price: 33.33 },
  ],
  amount: 99.99,
});

const writtenByHand = 'old-by-hand';
const imported = 'old-imported';
const parked = 'old-parked';

let system: TestSystem;
let store: EventStore;

beforeAll(async () => {
  system = await startTestSystem();
  store = await openStore(system.redis.url);
});

afterAll(async () => {
  await store?.close();
  await system?.close();
});

/** Appends to the log what an old system would have written, and nothing else. */
async function writeByHand(orderId: string, version: number, schema: number): Promise<void> {
  const stream = `order:${orderId}`;
  const partition = crc32(stream) % store.partitions;
  await withRedis(system.redis.url, async (redis) => {
    const log = (await logKeys(redis))[partition];
    if (log === undefined) throw new Error(`There is no log of partition ${partition}.`);
    const fields = {
      stream,
      version,
      type: 'OrderPlaced',
      schema,
      data: JSON.stringify(orderV1(orderId)),
      meta: '{}',
    };
    await redis.xadd(log, '*', ...Object.entries(fields).flatMap(([name, value]) => [name, String(value)]));
  });
  const { misnumbered } = await store.rebuildIndex(partition);
  expect(misnumbered).toEqual([]);
}

const workers = ['projection-service', 'email-worker', 'analytics-worker', 'billing-worker'];

interface DeadLetter {
  readonly group: string;
  readonly stream: string;
  readonly cause: string;
  readonly event: { readonly schemaVersion: number; readonly version: number; readonly data: unknown };
}

async function deadLetters(worker: string): Promise<readonly DeadLetter[]> {
  const { deadLetters: found } = await getJson<{ deadLetters: readonly DeadLetter[] }>(
    `${system.url(worker)}/dead-letters`,
  );
  return found;
}

describe('events that an old system wrote as version 1', () => {
  it('come in by hand with a rebuilt index, and by import', async () => {
    await writeByHand(writtenByHand, 1, 1);
    const line = JSON.stringify({
      stream: `order:${imported}`,
      type: 'OrderPlaced',
      schemaVersion: 1,
      data: orderV1(imported),
    });
    expect(await store.importEvents(Readable.from([line]), 'old-system')).toMatchObject({
      events: 1,
      repeated: 0,
    });
    expect(await store.importEvents(Readable.from([line]), 'old-system')).toMatchObject({
      events: 1,
      repeated: 1,
    });
  });

  it.each([writtenByHand, imported])('are seen as version 3 in state and history of %s', async (orderId) => {
    const url = `${system.url('order-api')}/orders/${orderId}`;
    expect(await getJson(url)).toMatchObject({
      orderId,
      status: 'placed',
      amount: 99.99,
      currency: 'USD',
      paymentTerms: 'prepaid',
      items: [
        { id: 'book-1', quantity: 1, price: 33.33 },
        { id: 'book-2', quantity: 2, price: 33.33 },
      ],
      version: 1,
    });
    expect(await getJson(`${url}/history`)).toMatchObject([
      { type: 'OrderPlaced', version: 1, schemaVersion: 3, data: { amount: 99.99, currency: 'USD' } },
    ]);
  });

  it.each([writtenByHand, imported])(
    'are seen as version 3 in read model and invoice of %s',
    async (orderId) => {
      await eventually('The read model', async () => {
        const url = `${system.url('projection-service')}/api/queries/orders?orderId=${orderId}`;
        expect(await getJson(url)).toMatchObject({
          data: { orderId, status: 'placed', amount: 99.99, currency: 'USD', paymentTerms: 'prepaid' },
        });
      });
      await eventually('The invoice', async () => {
        expect(await getJson(`${system.url('billing-worker')}/invoices/${orderId}`)).toMatchObject({
          orderId,
          status: 'open',
          amount: 99.99,
          currency: 'USD',
        });
      });
    },
  );

  it('are counted in their currency, and lead to no mail without an address', async () => {
    await eventually('Analytics', async () => {
      expect(await getJson(`${system.url('analytics-worker')}/analytics/summary`)).toMatchObject({
        counts: { placed: 2 },
        uniqueCustomers: 1,
        byCurrency: [{ currency: 'USD', placed: 2 }],
      });
    });
    for (const worker of workers) expect([worker, await deadLetters(worker)]).toEqual([worker, []]);
    expect(await mailsIn(system.url('mail'))).toEqual([]);
    const { emails } = await getJson<{ emails: readonly object[] }>(`${system.url('email-worker')}/emails`);
    expect(emails).toMatchObject([{ status: 'skipped' }, { status: 'skipped' }]);
  });

  it('are built upon: the old order is paid by its amount of version 3', async () => {
    const url = `${system.url('order-api')}/orders/${writtenByHand}/payment`;
    const { status, body } = await send('POST', url, {
      paymentMethod: 'invoice',
      amount: 99.99,
      currency: 'USD',
    });
    expect([status, body]).toMatchObject([200, { status: 'paid', version: 2 }]);
    await eventually('The paid invoice', async () => {
      const invoice = await getJson(`${system.url('billing-worker')}/invoices/${writtenByHand}`);
      expect(invoice).toMatchObject({ status: 'paid' });
    });
  });

  it('are shown as version 3 when they are parked', async () => {
    // Nobody can read version 99: it is parked, and the one behind it has to wait.
    await writeByHand(parked, 1, 99);
    await writeByHand(parked, 2, 1);
    const letters = [
      { cause: 'unreadable', event: { version: 1, schemaVersion: 99 } },
      {
        cause: 'blocked',
        event: {
          version: 2,
          schemaVersion: 3,
          data: { orderId: parked, amount: { minor: 9999, currency: 'USD' }, paymentTerms: 'prepaid' },
        },
      },
    ];
    for (const worker of workers) {
      await eventually(`Parked in ${worker}`, async () => {
        const groups = Object.values(Object.groupBy(await deadLetters(worker), ({ group }) => group));
        expect(groups.length).toBeGreaterThan(0);
        expect(groups).toMatchObject(groups.map(() => letters));
      });
    }
  });
});
