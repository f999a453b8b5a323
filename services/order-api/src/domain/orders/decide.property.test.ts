import { DomainError } from '@headrace/event-schema';
import {
  type Money,
  type OrderEvent,
  type OrderState,
  orderFold,
  orderStream,
  shopRegistry,
} from '@headrace/shop';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { OrderCommand } from './commands.ts';
import { orderDecider } from './decide.ts';

const orderId = 'o-1';
const money: fc.Arbitrary<Money> = fc.record(
  {
    minor: fc.constantFrom(0, 500, 1000, 2000, 2500),
    currency: fc.constantFrom('USD', 'USD', 'USD', 'EUR'),
  },
  { noNullPrototype: true },
);
const item = fc.record(
  {
    id: fc.constantFrom('a', 'b', 'c'),
    name: fc.constant('Thing'),
    quantity: fc.integer({ min: 1, max: 2 }),
    price: money,
  },
  { requiredKeys: ['id', 'name', 'quantity'], noNullPrototype: true },
);
const terms = fc.constantFrom('prepaid' as const, 'on_account' as const);
const command: fc.Arbitrary<OrderCommand> = fc.oneof(
  fc.record(
    {
      type: fc.constantFrom('PlaceOrder' as const, 'CreateDraft' as const),
      orderId: fc.constant(orderId),
      userId: fc.constant('u-1'),
      items: fc.array(item, { maxLength: 3 }),
      currency: fc.constant('USD'),
      amount: fc.option(money, { nil: undefined }),
      paymentTerms: terms,
    },
    { noNullPrototype: true },
  ),
  item.map((added): OrderCommand => ({ type: 'AddItem', orderId, item: added })),
  fc.constantFrom('a', 'b').map((itemId): OrderCommand => ({ type: 'RemoveItem', orderId, itemId })),
  fc
    .option(money, { nil: undefined })
    .map((amount): OrderCommand => ({ type: 'ConfirmOrder', orderId, amount })),
  money.map((amount): OrderCommand => ({ type: 'PayOrder', orderId, amount, paymentMethod: 'card' })),
  fc.constant<OrderCommand>({ type: 'ShipOrder', orderId, trackingNumber: 'T1' }),
  fc.constant<OrderCommand>({ type: 'DeliverOrder', orderId }),
  fc.boolean().map((onlyIfUnpaid): OrderCommand => {
    return { type: 'CancelOrder', orderId, reason: 'why not', userId: 'u-1', onlyIfUnpaid };
  }),
  fc
    .oneof(money, fc.constant('remaining' as const))
    .map((amount): OrderCommand => ({ type: 'RefundOrder', orderId, amount, reason: 'broken' })),
);

/** Pays and ships what was placed more often than chance would, so that late states are reached. */
const session = fc.array(
  fc.oneof({ arbitrary: command, weight: 2 }, { arbitrary: fc.constant('pay'), weight: 1 }),
  {
    minLength: 5,
    maxLength: 40,
  },
);

interface Run {
  state: OrderState | null;
  readonly events: OrderEvent[];
}

function evolved(state: OrderState | null, events: readonly OrderEvent[], before: number): OrderState | null {
  return events.reduce((current, event, index) => {
    const at = '2026-01-15T14:00:00.000Z';
    const version = before + index + 1;
    return orderDecider.evolve(current, event, {
      id: `0-${version}-0`,
      version,
      occurredAt: at,
      recordedAt: at,
    });
  }, state);
}

/** Carries a command out as a store would; a refusal must be typed and leave no trace. */
function carryOut(run: Run, next: OrderCommand): void {
  const before = structuredClone(run.state);
  let decided: readonly OrderEvent[];
  try {
    decided = orderDecider.decide(next, run.state);
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    expect(error).toMatchObject({ orderId });
    decided = [];
  }
  expect(run.state).toStrictEqual(before);
  for (const { type, data } of decided) shopRegistry.accept(orderStream(orderId), type, data);
  run.state = evolved(run.state, decided, run.events.length);
  run.events.push(...decided);
}

function runOf(commands: readonly (OrderCommand | string)[]): Run {
  const run: Run = { state: orderFold.initialState, events: [] };
  for (const next of commands) {
    if (typeof next !== 'string') carryOut(run, next);
    else if (run.state !== null)
      carryOut(run, { type: 'PayOrder', orderId, amount: run.state.amount, paymentMethod: 'card' });
  }
  return run;
}

const countOf = (events: readonly OrderEvent[], type: OrderEvent['type']) =>
  events.filter((event) => event.type === type).length;

it('keeps its promises over any sequence of commands', () => {
  fc.assert(
    fc.property(session, (commands) => {
      const { state, events } = runOf(commands);
      for (const once of ['OrderPlaced', 'PaymentReceived', 'OrderShipped', 'OrderCancelled'] as const) {
        expect(countOf(events, once)).toBeLessThanOrEqual(1);
      }
      const refunds = events.filter((event) => event.type === 'OrderRefunded');
      const total = refunds.reduce((sum, { data }) => sum + data.amount.minor, 0);
      expect(state?.refundedAmount.minor ?? 0).toBe(total);
      expect(total).toBeLessThanOrEqual(state?.paidAmount.minor ?? 0);
      if (state?.paidAt !== undefined) expect(state.paidAmount).toEqual(state.amount);
      if (state !== null) expect(state.version).toBe(events.length);
    }),
    { numRuns: 500 },
  );
});

it('reaches every status, so that the promises are worth something', () => {
  const reached = new Set<string>();
  for (const commands of fc.sample(session, { numRuns: 200, seed: 1 })) {
    const { state } = runOf(commands);
    if (state !== null) reached.add(state.status);
  }
  expect([...reached].toSorted()).toEqual([
    'cancelled',
    'delivered',
    'draft',
    'paid',
    'placed',
    'refunded',
    'shipped',
  ]);
});

it('refuses to repeat a transition', () => {
  fc.assert(
    fc.property(session, command, (commands, next) => {
      const run = runOf(commands);
      carryOut(run, next);
      const repeatable = next.type === 'AddItem' || next.type === 'RefundOrder';
      fc.pre(!repeatable);
      const length = run.events.length;
      carryOut(run, next);
      expect(run.events).toHaveLength(length);
    }),
  );
});
