import { createRegistry, type EventContract } from '@headrace/event-schema';
import { orderContracts } from '@headrace/shop';
import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Books, openBooks, openStore, queuedCommands } from './books.ts';
import { orderEvents } from './order-events.ts';

const redis = useRedis();
const postgres = usePostgres({ isolation: 'database' });
let books: Books;

beforeAll(async () => {
  books = await openBooks({ redisUrl: redis.url, prefix: redis.prefix, databaseUrl: postgres.url });
  books.worker.start();
});
afterAll(() => books.close());

/** Every order here ends in one of the statuses; together they are the whole of the books. */
const HISTORIES = {
  'open-1': () => [orderEvents('open-1').placed('on_account')],
  'paid-1': () => [orderEvents('paid-1').placed(), orderEvents('paid-1').paid()],
  'void-1': () => [orderEvents('void-1').placed(), orderEvents('void-1').cancelled('placed')],
  'part-1': () => {
    const order = orderEvents('part-1', 9999, 'KWD');
    return [order.placed(), order.paid(), order.refunded(1)];
  },
  'back-1': () => {
    const order = orderEvents('back-1', 1000, 'JPY');
    return [order.placed(), order.paid(), order.cancelled('paid', 1000), order.refunded(1000)];
  },
  'free-1': () => {
    const order = orderEvents('free-1', 0);
    return [order.placed(), order.paid()];
  },
} as const;

describe('the books of a few orders', () => {
  const eventIds: Record<string, readonly string[]> = {};

  beforeAll(async () => {
    for (const [orderId, history] of Object.entries(HISTORIES)) {
      eventIds[orderId] = await books.append(orderId, ...history());
    }
    await books.invoiceIn('open', 'open-1');
    await books.invoiceIn('paid', 'paid-1');
    await books.invoiceIn('void', 'void-1');
    await books.invoiceIn('partially_refunded', 'part-1');
    await books.invoiceIn('refunded', 'back-1');
    await books.invoiceIn('paid', 'free-1');
  });

  it('hold an invoice for each order', async () => {
    const { json } = await books.get('/invoices/part-1');
    expect(json).toEqual({
      number: expect.stringMatching(/^INV-0000000\d$/),
      orderId: 'part-1',
      userId: 'u-1',
      status: 'partially_refunded',
      paymentTerms: 'prepaid',
      currency: 'KWD',
      amount: 9.999,
      paid: 9.999,
      refunded: 0.001,
      issuedAt: expect.any(String),
      paidAt: expect.any(String),
      correlationId: 'request-part-1',
      causationId: eventIds['part-1']?.[0],
      actor: 'clerk-7',
      lines: [
        { itemId: 'i-1', name: 'Lamp', quantity: 2, unitPrice: 4.999 },
        { itemId: 'i-2', name: 'Card', quantity: 1 },
      ],
    });
    expect(await books.get('/invoices/unknown')).toMatchObject({ status: 404, json: { orderId: 'unknown' } });
    expect((await books.get('/invoices/no%20id')).status).toBe(400);
  });

  it('number invoices without gaps and page through them, newest first', async () => {
    const numbers: string[] = [];
    let cursor: string | null = null;
    do {
      const { json } = await books.get(`/invoices?limit=4${cursor === null ? '' : `&cursor=${cursor}`}`);
      numbers.push(...json.invoices.map((invoice: { number: string }) => invoice.number));
      cursor = json.nextCursor;
    } while (cursor !== null);
    expect(numbers).toEqual([6, 5, 4, 3, 2, 1].map((number) => `INV-0000000${number}`));
  });

  it('list the invoices of a status and a user', async () => {
    const idsOf = async (query: string) =>
      (await books.get(`/invoices?${query}`)).json.invoices
        .map((invoice: { orderId: string }) => invoice.orderId)
        .sort();
    expect(await idsOf('status=paid')).toEqual(['free-1', 'paid-1']);
    expect(await idsOf('status=void&userId=u-1')).toEqual(['void-1']);
    expect(await idsOf('userId=nobody%00')).toEqual([]);
    expect((await books.get('/invoices?status=unpaid')).status).toBe(400);
    expect((await books.get('/invoices?cursor=x')).status).toBe(400);
  });

  it('show the postings of an order, by the events that led to them', async () => {
    const { json } = await books.get('/ledger?orderId=paid-1');
    expect(json.nextCursor).toBeNull();
    expect(json.postings).toMatchObject([
      {
        kind: 'sale',
        eventId: eventIds['paid-1']?.[0],
        correlationId: 'request-paid-1',
        actor: 'clerk-7',
        entries: [
          { account: 'receivable', currency: 'USD', debit: 99.98, credit: 0 },
          { account: 'revenue', currency: 'USD', debit: 0, credit: 99.98 },
        ],
      },
      {
        kind: 'payment',
        eventId: eventIds['paid-1']?.[1],
        correlationId: 'request-paid-1',
        actor: 'clerk-7',
        entries: [
          { account: 'cash', currency: 'USD', debit: 99.98, credit: 0 },
          { account: 'receivable', currency: 'USD', debit: 0, credit: 99.98 },
        ],
      },
    ]);
    expect((await books.get('/ledger?orderId=free-1')).json.postings).toEqual([]);
  });

  it('number postings without gaps and page through them', async () => {
    const first = await books.get('/ledger?limit=7');
    const second = await books.get(`/ledger?limit=7&cursor=${first.json.nextCursor}`);
    const numbers = [...first.json.postings, ...second.json.postings].map(({ number }) => number);
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(second.json.nextCursor).toBeNull();
  });

  it('balance', async () => {
    const { json } = await books.get('/ledger/trial-balance');
    expect(json.balanced).toBe(true);
    expect(json.accounts.map(Object.values)).toEqual([
      ['cash', 'JPY', 1000, 1000, 0],
      ['receivable', 'JPY', 1000, 1000, 0],
      ['refunds', 'JPY', 1000, 0, 1000],
      ['revenue', 'JPY', 0, 1000, -1000],
      ['cash', 'KWD', 9.999, 0.001, 9.998],
      ['receivable', 'KWD', 9.999, 9.999, 0],
      ['refunds', 'KWD', 0.001, 0, 0.001],
      ['revenue', 'KWD', 0, 9.999, -9.999],
      ['cash', 'USD', 99.98, 0, 99.98],
      ['receivable', 'USD', 299.94, 199.96, 99.98],
      ['revenue', 'USD', 99.98, 299.94, -199.96],
    ]);
    expect(json.totals).toContainEqual({ currency: 'USD', debit: 499.9, credit: 499.9 });
  });

  it('ask order-api for the refund of the cancelled order that was paid', async () => {
    const [, , cancelled] = eventIds['back-1'] ?? [];
    await expect
      .poll(() => queuedCommands(books.store))
      .toMatchObject([
        {
          type: 'RefundOrder',
          stream: 'order:back-1',
          data: { orderId: 'back-1', amount: 'remaining' },
          meta: {
            actor: 'billing',
            cause: cancelled,
            causationId: cancelled,
            correlationId: 'request-back-1',
          },
        },
      ]);
  });

  it('are described with examples', async () => {
    const { json } = await books.get('/docs/json');
    expect(json.components.schemas.Invoice.examples).toHaveLength(1);
    expect(json.components.schemas.Posting.examples).toHaveLength(1);
    expect(json.components.schemas.TrialBalance.examples).toHaveLength(1);
    expect(Object.keys(json.paths)).toEqual(
      expect.arrayContaining(['/invoices/{orderId}', '/invoices', '/ledger', '/ledger/trial-balance']),
    );
  });

  it('show the consumer group and the outbox', async () => {
    const { json } = await books.get('/consumer');
    expect(json.groups).toMatchObject([{ group: 'billing', mode: 'transactional' }]);
    const metrics = async () => (await books.app.inject({ url: '/metrics' })).body;
    await expect.poll(metrics).toContain('headrace_billing_outbox_commands{service="billing-worker"} 0');
    const body = await metrics();
    expect(body).toContain('headrace_consumer_up{group="billing",service="billing-worker"} 1');
  });
});

describe('an order from before ids were compared', () => {
  it('has its invoice and its postings under its one id, and its refund is asked for under it', async () => {
    const lax = openStore(
      { redisUrl: redis.url, prefix: redis.prefix },
      createRegistry(orderContracts.map(unchecked), {}),
    );
    await lax.open();
    const order = orderEvents('order:old-1');
    await lax.append('order:old-1', [order.placed(), order.paid(), order.cancelled('paid', 9998)]);
    await lax.close();
    await eventually(async () => expect(await books.get('/invoices/old-1')).toMatchObject({ status: 200 }));
    expect((await books.get('/invoices/order:old-1')).status).toBe(400);
    expect((await books.get('/ledger?orderId=old-1')).json.postings).toHaveLength(2);
    await eventually(async () =>
      expect(await queuedCommands(books.store)).toContainEqual(
        expect.objectContaining({
          stream: 'order:old-1',
          data: expect.objectContaining({ orderId: 'old-1' }),
        }),
      ),
    );
  });
});

describe('an order at an end of time', () => {
  it.each(['0001-01-01T00:00:00.000Z', '9998-12-31T23:59:59.999Z'])('is billed: %s', async (occurredAt) => {
    const orderId = `on-${occurredAt.slice(0, 10)}`;
    const { placed, paid, shipped } = orderEvents(orderId);
    await books.store.append(
      `order:${orderId}`,
      [placed(), paid(), shipped()].map((event) => ({ ...event, occurredAt })),
    );
    const invoice = await books.invoiceIn('paid', orderId);
    expect(invoice).toMatchObject({ issuedAt: occurredAt, paidAt: occurredAt });
    const { postings } = (await books.get(`/ledger?orderId=${orderId}`)).json;
    expect(postings).toMatchObject([
      { kind: 'sale', occurredAt },
      { kind: 'payment', occurredAt },
    ]);
    await eventually(async () => {
      const { partitions } = (await books.get('/consumer')).json.groups[0];
      expect(partitions.every(({ lagEvents }: { lagEvents: number }) => lagEvents === 0)).toBe(true);
    });
    expect((await books.get('/dead-letters')).json.deadLetters).toEqual([]);
  });
});

describe('events of two orders that share an id, in an old log', () => {
  it('are both posted, and both refunds are asked for', async () => {
    for (const orderId of ['same-1', 'same-2']) {
      const order = orderEvents(orderId);
      const events = [order.placed(), order.paid(), order.cancelled('paid', 9998)];
      await books.store.append(
        `order:${orderId}`,
        events.map((event, index) => ({ ...event, id: `event ${index}` })),
      );
    }
    for (const orderId of ['same-1', 'same-2']) {
      await books.invoiceIn('paid', orderId);
      await eventually(async () => {
        expect((await books.get(`/ledger?orderId=${orderId}`)).json.postings).toHaveLength(2);
        expect(await queuedCommands(books.store)).toContainEqual(
          expect.objectContaining({ type: 'RefundOrder', stream: `order:${orderId}` }),
        );
      });
    }
  });
});

/** The same contract, of data that nobody looks at. */
function unchecked(contract: EventContract): EventContract {
  const versions = contract.versions.map((version) => ({ ...version, schema: z.unknown() }));
  return { ...contract, versions };
}

describe('an event that contradicts the books', () => {
  it('is parked and posts nothing, while other orders go on', async () => {
    const order = orderEvents('odd-1');
    await books.append('odd-1', order.placed(), order.paid(), order.paid());
    await books.append('even-1', orderEvents('even-1').placed());
    await books.invoiceIn('open', 'even-1');
    await books.invoiceIn('paid', 'odd-1');
    await expect
      .poll(async () => (await books.get('/dead-letters')).json.deadLetters, { timeout: 20_000 })
      .toMatchObject([
        { stream: 'order:odd-1', cause: 'poison', error: expect.stringContaining('it is paid') },
      ]);
    expect((await books.get('/ledger?orderId=odd-1')).json.postings).toHaveLength(2);
  });
});

describe('a request about a dead letter whose name holds a NUL', () => {
  it.each([
    ['POST', '/dead-letters/%00/retry'],
    ['DELETE', '/dead-letters/%00/0-1-0?reason=y'],
    ['DELETE', '/dead-letters/order:1/%00?reason=y'],
    ['DELETE', '/dead-letters?group=%00&reason=y'],
    ['POST', '/dead-letters/retry?group=%00'],
    ['GET', '/dead-letters?group=%00'],
  ] as const)('finds nothing: %s %s', async (method, url) => {
    const answer = await books.app.inject({ method, url });
    expect(answer.json()).toMatchObject({ status: 404, type: '/problems/not-found' });
  });
});
