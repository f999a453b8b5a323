import { createRegistry } from '@headrace/event-schema';
import type { EventStore } from '@headrace/event-store';
import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  cancelled,
  delivered,
  newOrder,
  paid,
  placed,
  placedAnonymously,
  refunded,
  shipped,
} from './order-events.ts';
import { type SmtpInbox, startSmtpInbox } from './smtp-inbox.ts';
import {
  afterwards,
  caughtUp,
  environment,
  openStore,
  type RunningWorker,
  recordsOf,
  startWorker,
} from './worker-tools.ts';

const servers = { redis: useRedis(), postgres: usePostgres() };
let store: EventStore;
let inbox: SmtpInbox;
let worker: RunningWorker;
beforeAll(async () => {
  store = await openStore(servers);
  inbox = await startSmtpInbox();
});
beforeEach(async () => {
  worker = await startWorker(environment(servers, inbox.url));
});
afterAll(async () => {
  await inbox.close();
  await store.close();
});

describe('the mails of one order', () => {
  it('are sent one for each event, in order, and form a thread', async () => {
    const order = newOrder();
    const events = [
      placed(order),
      paid(order),
      shipped(order),
      delivered(order),
      refunded(order),
      cancelled(order),
    ];
    const { positions } = await store.append(order.stream, events, { correlationId: 'request-7' });
    await eventually(() => expect(inbox.mailsTo(order.email)).toHaveLength(6));

    const mails = inbox.mailsTo(order.email).map(({ headers }) => headers);
    const ids = positions.map((position) => `<${position}@shop.example>`);
    expect(mails.map((headers) => headers.get('message-id'))).toEqual(ids);
    expect(mails.map((headers) => headers.get('in-reply-to'))).toEqual([undefined, ...ids.slice(0, 5)]);
    expect(mails.at(0)?.get('references')).toBeUndefined();
    expect(mails.at(5)?.get('references')).toBe(ids.slice(0, 5).join(' '));
    for (const headers of mails) {
      expect(headers.get('auto-submitted')).toBe('auto-generated');
      expect(headers.get('x-correlation-id')).toBe('request-7');
      expect(headers.get('from')).toBe('Test Shop <orders@shop.example>');
      expect(headers.get('to')).toBe(order.email);
    }
    expect(mails.map((headers) => headers.get('subject'))).toEqual([
      `We have received your order ${order.orderId}`,
      `We have received your payment for order ${order.orderId}`,
      `Your order ${order.orderId} is on its way`,
      `Your order ${order.orderId} has been delivered`,
      `Your refund for order ${order.orderId}`,
      `Your order ${order.orderId} has been cancelled`,
    ]);
    expect(inbox.mailsTo(order.email).at(2)?.body).toContain('Tracking number: JD014600');
  });

  it('come as text and as HTML with everything escaped', async () => {
    const order = newOrder();
    await store.append(order.stream, [placed(order, '<script>alert(1)</script>\r\nBcc: eve@example.com')]);
    await eventually(() => expect(inbox.mailsTo(order.email)).toHaveLength(1));
    const [mail] = inbox.mailsTo(order.email);
    expect(mail?.headers.get('content-type')).toContain('multipart/alternative');
    expect(mail?.body).toContain('&lt;script&gt;alert(1)&lt;/script&gt; Bcc: eve@example.com</td>');
    expect(mail?.body).toContain('- 2 x <script>alert(1)</script> Bcc: eve@example.com');
    expect(mail?.headerCounts.get('bcc')).toBeUndefined();
    expect(mail?.to).toEqual([order.email]);
  });

  it('carry no header that a correlation id smuggles in', async () => {
    const order = newOrder();
    const correlationId = 'x\r\nBcc: eve@example.com';
    await store.append(order.stream, [placed(order)], { correlationId });
    await eventually(() => expect(inbox.mailsTo(order.email)).toHaveLength(1));
    const [mail] = inbox.mailsTo(order.email);
    expect(mail?.headerCounts.get('bcc')).toBeUndefined();
    expect(mail?.headers.get('x-correlation-id')).toBeUndefined();
  });
});

describe('an event without an address', () => {
  it('is recorded as skipped', async () => {
    const order = newOrder();
    await store.append(order.stream, [placedAnonymously(order)]);
    await eventually(async () =>
      expect(await recordsOf(worker, order.orderId)).toMatchObject([
        { type: 'OrderPlaced', status: 'skipped', skipReason: 'no_address', messageId: null, attempts: 0 },
      ]),
    );
  });
});

describe('an address that is none', () => {
  it.each(['a..b@example.com', '*@*', 'a@b..c', '?=@=?'])('is not let into the log: %s', async (email) => {
    const order = { ...newOrder(), email };
    await expect(store.append(order.stream, [placed(order)])).rejects.toThrow('email: is not a mail address');
  });

  it('is recorded where the log has it from before, and holds nothing up', async () => {
    const lax = await openStore(servers, createRegistry([]));
    afterwards(() => lax.close());
    const order = { ...newOrder(), email: 'a..b@example.com' };
    await lax.append(order.stream, [{ ...placed(order), schemaVersion: 3 }]);
    const mended = newOrder();
    await store.append(order.stream, [paid({ ...order, email: mended.email })]);
    await eventually(() => expect(inbox.mailsTo(mended.email)).toHaveLength(1));
    expect(await recordsOf(worker, order.orderId)).toMatchObject([
      { type: 'OrderPlaced', status: 'skipped', skipReason: 'bad_address', recipient: null },
      { type: 'PaymentReceived', status: expect.stringMatching('sen'), skipReason: null },
    ]);
    expect((await worker.get('/dead-letters')).json().deadLetters).toEqual([]);
  });
});

describe('every address that the log lets in', () => {
  it.each(["!#$%&'*+-/=?^_`{|}~@example.com", 'a@localhost', 'jörg@example.com', 'a@müller.example'])(
    'can be mailed to: %s',
    async (email) => {
      const order = { ...newOrder(), email };
      await store.append(order.stream, [placed(order)]);
      await eventually(async () =>
        expect(await recordsOf(worker, order.orderId)).toMatchObject([{ status: 'sent' }]),
      );
    },
  );
});

describe('an order at an end of time', () => {
  it.each(['0001-01-01T00:00:00Z', '9998-12-31T23:59:59.999Z'])('has its mails: %s', async (occurredAt) => {
    const order = newOrder();
    const events = [placed(order), paid(order), shipped(order)];
    await store.append(
      order.stream,
      events.map((event) => ({ ...event, occurredAt })),
    );
    await eventually(async () =>
      expect(await recordsOf(worker, order.orderId)).toMatchObject(
        events.map(({ type }) => ({ type, status: 'sent' })),
      ),
    );
    expect(inbox.mailsTo(order.email)).toHaveLength(3);
    expect((await worker.get('/dead-letters')).json().deadLetters).toEqual([]);
  });
});

describe('a redelivered event', () => {
  it('is not mailed again', async () => {
    const first = newOrder();
    await store.append(first.stream, [placed(first), placedAnonymously(first)]);
    await eventually(() => expect(inbox.mailsTo(first.email)).toHaveLength(1));
    await caughtUp(worker);
    await worker.stop();
    // the group starts over: every event comes again
    const redis = new Redis(servers.redis.url, { protocol: 2 });
    for (let partition = 0; partition < store.partitions; partition += 1) {
      await redis.xgroup('SETID', store.keys.log(partition), 'email', '0');
    }
    redis.disconnect();
    const before = inbox.mails.length;
    const again = await startWorker(environment(servers, inbox.url));
    const after = newOrder();
    await store.append(after.stream, [placed(after)]);
    await eventually(() => expect(inbox.mailsTo(after.email)).toHaveLength(1), { timeoutMs: 20_000 });
    await caughtUp(again);
    expect(inbox.mails).toHaveLength(before + 1);
    expect(await recordsOf(again, first.orderId)).toMatchObject([
      { status: 'sent', attempts: 1 },
      { status: 'skipped', attempts: 0 },
    ]);
  });
});

describe('GET /emails', () => {
  it('tells which event and which request led to a mail, also to one that was not sent', async () => {
    const order = newOrder();
    const meta = { correlationId: 'request-8', actor: 'clerk-7' };
    const { positions } = await store.append(order.stream, [placed(order), placedAnonymously(order)], meta);
    await eventually(async () =>
      expect(await recordsOf(worker, order.orderId)).toMatchObject([
        { eventId: positions[0], status: 'sent', ...meta },
        { eventId: positions[1], status: 'skipped', ...meta },
      ]),
    );
  });

  it('pages through an order, newest first, and filters by status', async () => {
    const order = newOrder();
    await store.append(order.stream, [placed(order), paid(order), placedAnonymously(order)]);
    await eventually(async () => expect(await recordsOf(worker, order.orderId)).toHaveLength(3));
    await caughtUp(worker);
    const path = `/emails?orderId=${order.orderId}&limit=2`;
    const first = (await worker.get(path)).json();
    expect(first.emails).toMatchObject([{ status: 'skipped' }, { type: 'PaymentReceived', status: 'sent' }]);
    const second = (await worker.get(`${path}&cursor=${first.nextCursor}`)).json();
    expect(second).toMatchObject({
      emails: [{ type: 'OrderPlaced', recipient: order.email }],
      nextCursor: null,
    });
    expect((await worker.get('/emails?orderId=%00')).json().emails).toEqual([]);
    const sent = (await worker.get(`/emails?orderId=${order.orderId}&status=sent`)).json();
    expect(sent.emails).toHaveLength(2);
    expect(sent.emails[0]).toMatchObject({
      sentAt: expect.any(String),
      smtpResponse: expect.stringMatching(/^250/),
    });
  });

  it.each(['status=lost', 'cursor=x', 'limit=0', 'order=1', 'orderId='])(
    'answers 400 to ?%s',
    async (query) => {
      expect((await worker.get(`/emails?${query}`)).status).toBe(400);
    },
  );

  it.each(['order:x', 'a%20b', '..', 'x'.repeat(201)])('answers 400 to the order id %s', async (orderId) => {
    const answer = await worker.get(`/emails?orderId=${orderId}`);
    expect(answer.status).toBe(400);
    expect(answer.json().errors).toMatchObject([{ in: 'query', path: 'orderId' }]);
  });

  it('finds what an old log has under the name of the stream, and no other order', async () => {
    const order = newOrder();
    const lax = await openStore(servers, createRegistry([]));
    afterwards(() => lax.close());
    await lax.append(order.stream, [{ ...placed({ ...order, orderId: order.stream }), schemaVersion: 3 }]);
    await store.append(order.stream, [paid(order)]);
    const dashed = `order-${order.orderId}`;
    for (const stream of [dashed, `order:${dashed}`]) {
      await store.append(stream, [placed({ ...order, orderId: stream })]);
    }
    await eventually(() => expect(inbox.mailsTo(order.email)).toHaveLength(4));
    expect(await recordsOf(worker, order.orderId)).toMatchObject([
      { type: 'OrderPlaced', orderId: order.stream, stream: order.stream },
      { type: 'PaymentReceived', orderId: order.orderId, stream: order.stream },
    ]);
    for (const stream of [dashed, `order:${dashed}`]) {
      expect(await recordsOf(worker, stream)).toMatchObject([{ orderId: stream, stream }]);
    }
  });
});

describe('operations', () => {
  it('is ready, counts outcomes, shows its group, and keeps addresses out of the log', async () => {
    const order = newOrder();
    await store.append(order.stream, [placed(order), placedAnonymously(order)]);
    await eventually(async () => expect(await recordsOf(worker, order.orderId)).toHaveLength(2));
    await caughtUp(worker);
    expect((await worker.get('/health/ready')).json()).toMatchObject({
      status: 'ready',
      checks: [{ name: 'redis' }, { name: 'postgres' }, { name: 'smtp', ok: true }],
    });
    const { body } = await worker.get('/metrics');
    expect(body).toMatch(/headrace_emails_total\{[^}]*type="OrderPlaced",outcome="sent"[^}]*\} 1\n/);
    expect(body).toMatch(/headrace_emails_total\{[^}]*type="OrderPlaced",outcome="skipped"[^}]*\} 1\n/);
    expect(body).toContain('headrace_consumer_up{group="email"');
    expect((await worker.get('/consumer')).json().groups[0]).toMatchObject({
      group: 'email',
      mode: 'acknowledged',
    });
    expect(worker.log()).toContain('mail sent');
    expect(worker.log()).not.toContain('@customers.example');
  });
});
