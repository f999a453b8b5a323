import { readdirSync, readFileSync } from 'node:fs';
import { foldRow, type Projection } from '@headrace/projections';
import { type OrderState, shopRegistry, toDecimal } from '@headrace/shop';
import { describe, expect, it } from 'vitest';
import { generatedOrder } from '../../test/generated-orders.ts';
import { orders } from './orders.ts';

const SEEDS = Array.from({ length: 300 }, (_, seed) => seed);
const GOLDEN = new URL('../../../../packages/shop/golden/', import.meta.url);

/** The order as clients see it, written down from the state that the write side has, not from the row. */
function viewOf({ items, ...state }: OrderState): unknown {
  const { amount, paidAmount, refundedAmount } = state;
  const decimals = Object.entries({ amount, paidAmount, refundedAmount }).map(([name, money]) => [
    name,
    toDecimal(money),
  ]);
  const presented = items.map(({ price, ...item }) => ({
    ...item,
    ...(price && { price: toDecimal(price) }),
  }));
  return { ...state, ...Object.fromEntries(decimals), items: presented };
}

async function continued<Row>(
  projection: Projection<Row>,
  row: Row | null,
  events: Parameters<typeof foldRow>[1],
) {
  let current = row;
  for await (const event of events)
    current = projection.projectionOf(event)?.evolve(current, event) ?? current;
  return current;
}

describe('orders', () => {
  it('makes of a history what the write side makes of it', async () => {
    for (const seed of SEEDS) {
      const { stream, events, state } = generatedOrder(seed);
      const row = await foldRow(orders.projection, events, stream);
      if (row === null || state === null) throw new Error('a generated history begins an order');
      expect(orders.view.present(row.state), `history ${seed}`).toStrictEqual(viewOf(state));
    }
  });

  it('folds a history in two parts as it does in one', async () => {
    for (const seed of SEEDS.slice(0, 50)) {
      const { stream, events } = generatedOrder(seed);
      const whole = await foldRow(orders.projection, events, stream);
      for (let at = 0; at <= events.length; at += 1) {
        const before = structuredClone(await foldRow(orders.projection, events.slice(0, at), stream));
        expect(await continued(orders.projection, before, events.slice(at)), `history ${seed}`).toStrictEqual(
          whole,
        );
      }
    }
  });

  it.each(readdirSync(GOLDEN).filter((name) => /^(Order|Payment).*golden\.json$/.test(name)))(
    'understands %s as it was stored then',
    async (name) => {
      const golden = JSON.parse(readFileSync(new URL(name, GOLDEN), 'utf8'));
      const place = JSON.parse(readFileSync(new URL('OrderPlaced.v3.golden.json', GOLDEN), 'utf8'));
      const stored = [place, golden].map(({ type, version, stored: data }, index) =>
        shopRegistry.decode({
          position: `0-1732150000000-${index}`,
          stream: 'order:x',
          version: index + 1,
          type,
          schemaVersion: version,
          data: JSON.stringify(data),
          meta: '{}',
        }),
      );
      expect(orders.projection.types).toContain(golden.type);
      const row = await foldRow(orders.projection, stored, 'order:x');
      // a draft cannot begin where an order is already
      expect(row?.state.version).toBe(golden.type === 'OrderCreated' ? 1 : 2);
    },
  );

  it('has a row only from the first event of an order on', async () => {
    const { stream, events } = generatedOrder(1);
    expect(await foldRow(orders.projection, events.slice(1), stream)).toBeNull();
  });

  it('keeps times in UTC and takes the time of recording for an impossible one', async () => {
    const { stream, events } = generatedOrder(2);
    const [first] = events;
    if (first === undefined) throw new Error('the history is empty');
    const created = async (occurredAt: string) => {
      const row = await foldRow(orders.projection, [{ ...first, occurredAt }], stream);
      const createdAt = row?.state.createdAt ?? '';
      expect(row?.['created_at']).toEqual(new Date(createdAt));
      return createdAt;
    };
    expect(await created('2026-01-15T14:00:00+02:00')).toBe('2026-01-15T12:00:00.000Z');
    expect(await created('+012026-01-15T14:00:00.000Z')).toBe(first.recordedAt);
  });
});
