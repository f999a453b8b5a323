import { defineEvent, type EventEnvelope } from '@headrace/event-schema';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { column, nullable, type RowOf } from './columns.ts';
import { defineProjection, projectionGroup, projectionTable, withVersion } from './definition.ts';

const itemSchema = z.strictObject({ id: z.string(), quantity: z.int() });
type OrderItem = z.output<typeof itemSchema>;

const order = { category: 'order', description: 'of an order' };
const orderContracts = [
  defineEvent({
    ...order,
    type: 'OrderPlaced',
    schema: z.strictObject({
      orderId: z.string(),
      email: z.string().exactOptional(),
      items: z.array(itemSchema),
      amount: z.strictObject({ minor: z.int() }),
    }),
  }),
  defineEvent({ ...order, type: 'OrderCancelled', schema: z.strictObject({ orderId: z.string() }) }),
  defineEvent({ ...order, type: 'OrderShipped', schema: z.strictObject({ orderId: z.string() }) }),
] as const;

const columns = {
  order_id: column.text,
  minor: column.bigint,
  email: nullable(column.text),
  items: column.jsonb<readonly OrderItem[]>(),
  placed_at: column.timestamptz,
};
type Row = RowOf<typeof columns>;

const orders = defineProjection({
  name: 'orders',
  version: 3,
  columns,
  key: 'order_id',
  events: orderContracts,
  on: {
    OrderPlaced: {
      key: ({ data }) => data.orderId,
      evolve: (row, { data, occurredAt }) => {
        expectTypeOf(row).toEqualTypeOf<Row | null>();
        expectTypeOf(data.amount.minor).toEqualTypeOf<number>();
        return {
          order_id: data.orderId,
          minor: data.amount.minor,
          email: data.email ?? null,
          items: data.items,
          placed_at: new Date(occurredAt),
        };
      },
    },
    OrderCancelled: { key: ({ data }) => data.orderId, evolve: () => null },
  },
});

const event = (type: string, change: Partial<EventEnvelope> = {}): EventEnvelope => ({
  id: '0-1-0',
  position: '0-1-0',
  stream: 'order:1',
  category: 'order',
  version: 1,
  type,
  schemaVersion: 1,
  data: {},
  recordedAt: '',
  occurredAt: '',
  meta: {},
  ...change,
});

describe('a projection', () => {
  it('has the row type of its columns', () => {
    expectTypeOf<Row>().toEqualTypeOf<{
      readonly order_id: string;
      readonly minor: number;
      readonly email: string | null;
      readonly items: readonly OrderItem[];
      readonly placed_at: Date;
    }>();
    const base = { name: 'a', version: 1, columns, events: [], on: {} } as const;
    // @ts-expect-error a number is no key
    expect(() => defineProjection({ ...base, key: 'minor' })).toThrow();
    // @ts-expect-error nor is what may be null
    expect(() => defineProjection({ ...base, key: 'email' })).toThrow();
  });

  it('names its group and its table by its version', () => {
    expect(projectionGroup(orders)).toBe('projection:orders:v3');
    expect(projectionTable(orders)).toBe('orders_v3');
    expect(projectionTable(withVersion(orders, 4))).toBe('orders_v4');
  });

  it('takes the types it names, and no event that nobody can read', () => {
    expect(orders.types).toEqual(['OrderPlaced', 'OrderCancelled']);
    expect(orders.projectionOf(event('OrderPlaced'))).toBeDefined();
    expect(orders.projectionOf(event('OrderPlaced', { unreadable: 'malformed' }))).toBeUndefined();
    expect(orders.projectionOf(event('OrderShipped'))).toBeUndefined();
    expect(orders.projectionOf(event('constructor'))).toBeUndefined();
  });

  it('takes all types of its contracts with `each`, but for types with an entry of their own', () => {
    const all = defineProjection({
      name: 'all',
      version: 1,
      columns: { id: column.text },
      key: 'id',
      events: orderContracts,
      each: { key: ({ type }) => type, evolve: (row) => row },
      on: { OrderPlaced: { key: () => 'placed', evolve: (row) => row } },
    });
    expect(all.types).toEqual(['OrderPlaced', 'OrderCancelled', 'OrderShipped']);
    const keyOf = (one: EventEnvelope): string | null | undefined => all.projectionOf(one)?.key(one);
    expect(keyOf(event('OrderShipped'))).toBe('OrderShipped');
    expect(keyOf(event('OrderPlaced'))).toBe('placed');
    expect(keyOf(event('OrderShipped', { unreadable: 'malformed' }))).toBeUndefined();
  });

  it('takes everything under *, but for types with an entry of their own', () => {
    const all = defineProjection({
      name: 'all',
      version: 1,
      columns: { id: column.text },
      key: 'id',
      events: orderContracts,
      on: {
        OrderPlaced: { key: () => 'placed', evolve: (row) => row },
        '*': { key: () => 'any', evolve: (row) => row },
      },
    });
    expect(all.types).toBeUndefined();
    const keyOf = (one: EventEnvelope): string | null | undefined => all.projectionOf(one)?.key(one);
    expect(keyOf(event('OrderPlaced'))).toBe('placed');
    expect(keyOf(event('OrderPlaced', { unreadable: 'unknown-version' }))).toBe('any');
    expect(keyOf(event('Whatever', { unreadable: 'unknown-type' }))).toBe('any');
    expect(keyOf(event('*'))).toBe('any');
  });

  it.each([
    ['a name that needs quotes', { name: 'Orders' }, 'a name is'],
    ['no version', { version: 0 }, 'no version'],
    ['half a version', { version: 1.5 }, 'no version'],
    [
      'a column that needs quotes',
      { columns: { order_id: column.text, 'a b': column.text } },
      'no name of a column',
    ],
    ['a key that may be null', { columns: { order_id: nullable(column.text) } }, 'may be null'],
    ['a key that is no text', { columns: { order_id: column.bigint } }, 'no text column'],
    ['a key that is no column', { key: 'nothing' }, '"nothing" is no text column'],
    ['an index on no column', { indexes: [['nothing']] }, 'no column "nothing"'],
    [
      'an index whose name is cut off',
      { name: 'n'.repeat(40), indexes: [['order_id', 'order_id', 'order_id']] },
      'too long',
    ],
    [
      'a type without contract',
      { on: { Sold: { key: () => 'a', evolve: () => null } } },
      'no contract is given for Sold',
    ],
  ])('is refused with %s', (_, change, problem) => {
    const good = {
      name: 'a',
      version: 1,
      columns: { order_id: column.text },
      key: 'order_id',
      events: [],
      on: {},
    };
    expect(() => defineProjection({ ...good, ...change } as never)).toThrow(problem);
    expect(() => defineProjection(good as never)).not.toThrow();
  });
});
