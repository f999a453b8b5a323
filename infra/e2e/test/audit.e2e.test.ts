import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './support/eventually.ts';
import { allPages, getJson, send } from './support/http.ts';
import { startTestSystem, type TestSystem } from './support/test-system.ts';

const ORDER = 'audited-1';

interface AuditedEvent {
  readonly eventId: string;
  readonly type: string;
  readonly actor?: string;
  readonly causationId?: string;
  readonly correlationId?: string;
}

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
});
afterAll(() => system?.close());

/** What one request asks for, as clerk-7. */
async function ask(correlationId: string, path: string, body: object): Promise<void> {
  const headers = { 'x-correlation-id': correlationId, 'x-actor': 'clerk-7' };
  const { status } = await send('POST', `${system.url('order-api')}${path}`, body, headers);
  expect(status).toBeLessThan(300);
}

/** All that one request caused: one query. */
function causedBy(correlationId: string): Promise<readonly AuditedEvent[]> {
  const query = `/api/queries/audit?correlationId=${correlationId}`;
  return allPages<AuditedEvent>(`${system.url('projection-service')}${query}`, 'data');
}

async function causedInAll(correlationId: string, count: number): Promise<readonly AuditedEvent[]> {
  return await eventually(`what ${correlationId} causes`, async () => {
    const events = await causedBy(correlationId);
    expect(events).toHaveLength(count);
    return events;
  });
}

describe('an account that is commanded over HTTP', () => {
  it('has in the read model the balance of its events, and shows who asked for what', async () => {
    let eventId = '';
    const accountId = 'ACC-100';
    for (const [commandType, more] of [
      ['OpenAccount', { owner: 'Ada' }],
      ['Deposit', { amount: 1000 }],
      ['Deposit', { amount: 500 }],
      ['Withdraw', { amount: 300 }],
      ['Withdraw', { amount: 200 }],
    ] as const) {
      const headers = { 'x-correlation-id': 'bank', 'x-actor': 'teller-3' };
      const command = { commandType, commandData: { accountId, ...more } };
      const { status, body } = await send(
        'POST',
        `${system.url('event-api')}/api/commands`,
        command,
        headers,
      );
      expect(status, JSON.stringify(body)).toBe(201);
      eventId = (body as { data: { result: { eventId: string } } }).data.result.eventId;
    }
    const account = `${system.url('projection-service')}/api/queries/account?accountId=${accountId}`;
    for (const from of [`wait_for=${eventId}&timeout_ms=20000`, 'source=event_store'])
      expect(await getJson(`${account}&${from}`), from).toMatchObject({
        data: { balance: 1000, version: 5 },
      });

    const later = { prefer: 'respond-async', 'x-correlation-id': 'later', 'x-actor': 'teller-4' };
    const queued = { commandType: 'Deposit', commandData: { accountId, amount: 1 } };
    const { status, body } = await send('POST', `${system.url('event-api')}/api/commands`, queued, later);
    expect(status, JSON.stringify(body)).toBe(202);
    expect(await causedInAll('later', 1)).toMatchObject([{ type: 'MoneyDeposited', actor: 'teller-4' }]);
    expect((await causedBy('bank')).map(({ actor }) => actor)).toEqual(Array(5).fill('teller-3'));
  });
});

describe('everything under one correlation id', () => {
  it('goes from the request through events and commands to mails, invoice and ledger', async () => {
    const items = [{ id: 'item-1', name: 'A Book' }];
    const order = { orderId: ORDER, userId: 'user-1', items, amount: 20, email: 'ann@example.com' };
    await ask('placing', '/orders', order);
    await ask('paying', `/orders/${ORDER}/payment`, { paymentMethod: 'card', amount: 20 });
    await ask('cancelling', `/orders/${ORDER}/cancel`, { reason: 'changed my mind', userId: 'user-1' });

    // billing answers the cancellation with a durable command, whose refund belongs to the same request
    const [cancelled, refunded] = await causedInAll('cancelling', 2);
    expect(cancelled).toMatchObject({ type: 'OrderCancelled', actor: 'clerk-7' });
    expect(refunded).toMatchObject({
      type: 'OrderRefunded',
      actor: 'billing',
      causationId: cancelled?.eventId,
      correlationId: 'cancelling',
    });
    const [placed] = await causedInAll('placing', 1);
    const [paid] = await causedInAll('paying', 1);

    const origins = [
      { eventId: placed?.eventId, correlationId: 'placing', actor: 'clerk-7' },
      { eventId: paid?.eventId, correlationId: 'paying', actor: 'clerk-7' },
      { eventId: cancelled?.eventId, correlationId: 'cancelling', actor: 'clerk-7' },
      { eventId: refunded?.eventId, correlationId: 'cancelling', actor: 'billing' },
    ];
    await eventually('the mails', async () => {
      const url = `${system.url('email-worker')}/emails?orderId=${ORDER}`;
      const { emails } = await getJson<{ emails: readonly object[] }>(url);
      expect(emails.toReversed()).toMatchObject(origins);
    });
    await eventually('the postings', async () => {
      const url = `${system.url('billing-worker')}/ledger?orderId=${ORDER}`;
      const { postings } = await getJson<{ postings: readonly object[] }>(url);
      // a cancellation alone moves no money
      expect(postings).toMatchObject(origins.filter(({ eventId }) => eventId !== cancelled?.eventId));
    });
    const invoice = await getJson(`${system.url('billing-worker')}/invoices/${ORDER}`);
    expect(invoice).toMatchObject({
      status: 'refunded',
      correlationId: 'placing',
      causationId: placed?.eventId,
      actor: 'clerk-7',
    });
    // by now everybody has done their part: a second refund would be here
    expect(await causedBy('cancelling')).toEqual([cancelled, refunded]);
  });
});
