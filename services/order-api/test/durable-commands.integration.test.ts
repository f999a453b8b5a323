import {
  type Consumer,
  createDecidedCommandConsumers,
  decidedCommandHandlers,
  TransientError,
} from '@headrace/consumer';
import {
  COMMAND_KEPT_S,
  type CommandMeta,
  type CommandStatus,
  WrongExpectedVersionError,
} from '@headrace/event-store';
import { orderStream } from '@headrace/shop';
import { eventually } from '@headrace/test-kit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderCommands } from '../src/commands/order-commands.ts';
import { PAYMENT, useOrderApi } from './order-api.ts';

describe('durable commands', () => {
  const { api } = useOrderApi();
  let consumers: readonly Consumer[];

  beforeAll(() => {
    const { store } = api();
    consumers = createDecidedCommandConsumers({ store, instance: 'order-api-1', commands: orderCommands });
    for (const consumer of consumers) consumer.start();
  });
  afterAll(() => Promise.all(consumers.map((consumer) => consumer.stop())));

  interface OrderData {
    readonly orderId: string;
    readonly [field: string]: unknown;
  }

  interface Sending {
    readonly key?: string;
    readonly meta?: CommandMeta;
    readonly stream?: string;
  }

  async function send(type: string, data: OrderData, sending: Sending = {}) {
    const stream = orderStream(data.orderId);
    return await api().store.sendCommand({ type, category: 'order', stream, data, ...sending });
  }

  async function outcomeOf(commandId: string): Promise<CommandStatus> {
    return await eventually(async () => {
      const status = await api().store.commandStatus(commandId);
      if (status === null) throw new Error(`there is no command ${commandId}`);
      return status.status === 'completed' || status.status === 'failed' ? status : false;
    });
  }

  const typesOf = async (orderId: string) => (await api().events(orderId)).map(({ type }) => type);

  it('refund part of what was paid', async () => {
    const orderId = await api().order('paid');
    const amount = { minor: 100_00, currency: 'USD' };
    const { commandId } = await send('RefundOrder', { orderId, amount, reason: 'late' });
    const outcome = await outcomeOf(commandId);
    const [, , refunded] = await api().events(orderId);
    expect(outcome).toMatchObject({
      status: 'completed',
      result: { orderId, status: 'paid', version: 3, eventId: refunded?.id },
    });
    expect((await api().get(`/orders/${orderId}`)).json.refundedAmount).toBe(100);
  });

  it('refund all that remains', async () => {
    const orderId = await api().order('paid');
    const { commandId } = await send('RefundOrder', { orderId, amount: 'remaining', reason: 'r' });
    expect(await outcomeOf(commandId)).toMatchObject({ status: 'completed', result: { status: 'refunded' } });
  });

  it('are executed once for each key, however often and however mixed they are sent', async () => {
    const keys = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 2, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(keys, async (sent) => {
        const orderId = await api().order('paid');
        const data = { orderId, amount: { minor: 1, currency: 'USD' }, reason: 'often' };
        const ids = await Promise.all(
          sent.map(async (key) => (await send('RefundOrder', data, { key })).commandId),
        );
        const outcomes = await Promise.all(ids.map(outcomeOf));
        const late = await Promise.all(sent.map((key) => send('RefundOrder', data, { key })));
        const marker = await send('RefundOrder', data);
        await outcomeOf(marker.commandId);

        const distinct = new Set(sent).size;
        expect(new Set(ids).size).toBe(distinct);
        for (const { status } of outcomes) expect(status).toBe('completed');
        expect(late).toEqual(ids.map((commandId) => ({ commandId, repeated: true })));
        const refunds = (await typesOf(orderId)).filter((type) => type === 'OrderRefunded');
        expect(refunds).toHaveLength(distinct + 1);
      }),
      { numRuns: 10 },
    );
  });

  it('delivered twice are executed once, with the same outcome', async () => {
    const orderId = await api().order('paid');
    const { RefundOrder } = decidedCommandHandlers(api().store, orderCommands);
    if (RefundOrder === undefined) throw new Error('there is no handler');
    const received = {
      commandId: '0-7d1c1a52-5a0c-4f0e-9a5d-6f1f0c0b8e21',
      partition: 0,
      type: 'RefundOrder',
      stream: orderStream(orderId),
      data: { orderId, amount: { minor: 1, currency: 'USD' }, reason: 'crash' },
      meta: {},
    };
    const delivery = { signal: new AbortController().signal, redelivered: false };
    const [first, ...others] = await Promise.all(
      Array.from({ length: 5 }, () => RefundOrder(received, delivery)),
    );
    await api().post(`/orders/${orderId}/ship`, { trackingNumber: 't' });
    const late = await RefundOrder(received, { ...delivery, redelivered: true });
    expect(first?.status).toBe('completed');
    for (const outcome of [...others, late]) expect(outcome).toEqual(first);
    expect(await typesOf(orderId)).toEqual([
      'OrderPlaced',
      'PaymentReceived',
      'OrderRefunded',
      'OrderShipped',
    ]);
  });

  it('cancel an order that nobody paid in time, but not one that was paid meanwhile', async () => {
    const unpaid = await api().order('placed');
    const paid = await api().order('placed');
    await api().post(`/orders/${paid}/payment`, PAYMENT);
    const deadline = { reason: 'payment deadline', userId: 'billing', onlyIfUnpaid: true };
    const [cancelled, refused] = await Promise.all(
      [unpaid, paid].map(async (orderId) =>
        outcomeOf((await send('CancelOrder', { orderId, ...deadline })).commandId),
      ),
    );
    expect(cancelled).toMatchObject({ status: 'completed', result: { status: 'cancelled', version: 2 } });
    expect(refused).toMatchObject({ status: 'failed', result: { code: 'ORDER_ALREADY_PAID' } });
    expect((await api().get(`/orders/${unpaid}`)).json.cancelledBy).toBe('billing');
    expect(await typesOf(paid)).toEqual(['OrderPlaced', 'PaymentReceived']);
  });

  it('are tried again when others were always faster, unless they pinned a version', async () => {
    const orderId = await api().order('paid');
    const stream = orderStream(orderId);
    const conflict = new WrongExpectedVersionError(stream, 2, 3);
    const kinds = orderCommands.kinds.map((kind) => ({
      ...kind,
      prepare: (data: unknown) => {
        const command = kind.prepare(data);
        return command && { ...command, execute: () => Promise.reject(conflict) };
      },
    }));
    const { RefundOrder } = decidedCommandHandlers(api().store, { ...orderCommands, kinds });
    const received = {
      commandId: '0-0a1c1a52-5a0c-4f0e-9a5d-6f1f0c0b8e22',
      partition: 0,
      type: 'RefundOrder',
      stream,
      data: { orderId, amount: 'remaining', reason: 'r' },
    };
    const delivery = { signal: new AbortController().signal, redelivered: false };
    await expect(RefundOrder?.({ ...received, meta: {} }, delivery)).rejects.toBeInstanceOf(TransientError);
    expect(await RefundOrder?.({ ...received, meta: { expectedVersion: 2 } }, delivery)).toMatchObject({
      status: 'failed',
      error: { code: 'WRONG_EXPECTED_VERSION' },
    });
  });

  it('say why they failed', async () => {
    const orderId = await api().order('placed');
    const tooMuch = await api().order('paid');
    const refund = { amount: { minor: 249_999_00, currency: 'USD' }, reason: 'r' };
    const cases = [
      ['RefundOrder', { orderId, ...refund }, 'ORDER_NOT_PAID'],
      ['RefundOrder', { orderId: tooMuch, ...refund }, 'REFUND_EXCEEDS_PAID'],
      ['CancelOrder', { orderId: 'nobody', reason: 'r', userId: 'u' }, 'ORDER_NOT_FOUND'],
      ['RefundOrder', { orderId, amount: 5, reason: 'r' }, 'INVALID_COMMAND'],
      ['CancelOrder', { orderId, reason: 'r', userId: 'u', force: true }, 'INVALID_COMMAND'],
    ] as const;
    const before = await api().logLength();
    for (const [type, data, code] of cases) {
      const outcome = await outcomeOf((await send(type, data)).commandId);
      expect(outcome, code).toMatchObject({
        status: 'failed',
        result: { code, message: expect.any(String) },
      });
    }
    const astray = await send(
      'CancelOrder',
      { orderId, reason: 'r', userId: 'u' },
      {
        stream: orderStream(tooMuch),
      },
    );
    expect(await outcomeOf(astray.commandId)).toMatchObject({ result: { code: 'INVALID_COMMAND' } });
    expect(await api().logLength()).toBe(before);
  });

  it('leave their sender, cause and id with the event', async () => {
    const orderId = await api().order('paid');
    const [, cause] = await api().events(orderId);
    const meta = { correlationId: 'c-1', causationId: cause?.id, actor: 'billing', cause: cause?.id };
    const data = { orderId, amount: 'remaining', reason: 'r' };
    const { commandId } = await send('RefundOrder', data, { meta: JSON.parse(JSON.stringify(meta)) });
    await outcomeOf(commandId);
    expect((await api().events(orderId)).at(-1)?.meta).toMatchObject({
      commandId,
      correlationId: 'c-1',
      causationId: cause?.id,
      actor: 'billing',
    });
  });

  it('are remembered for longer than they can be delivered', async () => {
    const orderId = await api().order('paid');
    const { commandId } = await send('RefundOrder', { orderId, amount: 'remaining', reason: 'r' });
    await outcomeOf(commandId);
    const { keys, redis } = api().store;
    const scope = ['durable-commands', 'RefundOrder', commandId];
    const ttlS = await redis.ttl(keys.idempotency(orderStream(orderId), scope));
    expect(ttlS).toBeGreaterThan(COMMAND_KEPT_S);
  });

  it('show as a consumer group', async () => {
    await eventually(async () => {
      const [status] = await Promise.all(consumers.map(({ admin }) => admin.status()));
      expect(status).toMatchObject({ group: 'commands:order', mode: 'acknowledged' });
      expect(status?.partitions).toHaveLength(api().store.partitions);
    });
  });
});
