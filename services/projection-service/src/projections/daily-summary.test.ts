import type { EventEnvelope } from '@headrace/event-schema';
import { foldRow } from '@headrace/projections';
import type { OrderEvent } from '@headrace/shop';
import { describe, expect, it } from 'vitest';
import { envelopeOf, generatedOrder } from '../../test/generated-orders.ts';
import { dailySummary, type OrderDaysRow } from './daily-summary.ts';

const SEEDS = Array.from({ length: 300 }, (_, seed) => seed);

/** What a row says, as one line for each contribution. */
function linesOf(row: OrderDaysRow | null): string[] {
  if (row === null) return [];
  const { currency, placed_on, paid_on, shipped_on, delivered_on, cancelled_on, paid_minor } = row;
  const steps = { placed: placed_on, shipped: shipped_on, delivered: delivered_on, cancelled: cancelled_on };
  const lines = Object.entries(steps).flatMap(([step, day]) =>
    day === null ? [] : [`${day} ${currency} ${step}`],
  );
  if (paid_on !== null) lines.push(`${paid_on} ${currency} paid ${paid_minor}`);
  for (const { day, minor } of row.refunds) lines.push(`${day} ${currency} refunded ${minor}`);
  return lines.sort();
}

/** The same, straight from the events. */
function expectedLines(events: readonly EventEnvelope[]): string[] {
  const placed = events.find(({ type }) => type === 'OrderPlaced');
  if (placed === undefined) return [];
  const { currency } = (placed.data as Extract<OrderEvent, { type: 'OrderPlaced' }>['data']).amount;
  const words: Readonly<Record<string, string>> = {
    OrderPlaced: 'placed',
    OrderShipped: 'shipped',
    OrderDelivered: 'delivered',
    OrderCancelled: 'cancelled',
  };
  const refunds = new Map<string, number>();
  const lines: string[] = [];
  for (const { type, data, occurredAt } of events) {
    const day = occurredAt.slice(0, 10);
    const { minor } = { minor: 0, ...(data as { amount?: { minor: number } }).amount };
    if (words[type] !== undefined) lines.push(`${day} ${currency} ${words[type]}`);
    if (type === 'PaymentReceived') lines.push(`${day} ${currency} paid ${minor}`);
    if (type === 'OrderRefunded') refunds.set(day, (refunds.get(day) ?? 0) + minor);
  }
  for (const [day, minor] of refunds) lines.push(`${day} ${currency} refunded ${minor}`);
  return lines.sort();
}

describe('daily_summary', () => {
  it('counts every step of a history on its day', async () => {
    for (const seed of SEEDS) {
      const { stream, events } = generatedOrder(seed, 20);
      const row = await foldRow(dailySummary, events, stream);
      expect(linesOf(row), `history ${seed}`).toEqual(expectedLines(events));
    }
  });

  it('folds a history in two parts as it does in one', async () => {
    for (const seed of SEEDS.slice(0, 50)) {
      const { stream, events } = generatedOrder(seed, 20);
      const whole = await foldRow(dailySummary, events, stream);
      for (let at = 0; at <= events.length; at += 1) {
        let row = structuredClone(await foldRow(dailySummary, events.slice(0, at), stream));
        for (const event of events.slice(at))
          row = dailySummary.projectionOf(event)?.evolve(row, event) ?? row;
        expect(row).toStrictEqual(whole);
      }
    }
  });

  it('counts by UTC, whatever the offset of the event', async () => {
    const { stream } = generatedOrder(0);
    const amount = { minor: 100, currency: 'EUR' };
    const placed: OrderEvent = {
      type: 'OrderPlaced',
      data: { orderId: 'x', userId: 'u', items: [], amount, paymentTerms: 'prepaid' },
    };
    const event = envelopeOf(placed, stream, 1, Date.parse('2026-01-15T23:30:00Z'));
    const late = { ...event, occurredAt: '2026-01-15T23:30:00-02:00' };
    expect(linesOf(await foldRow(dailySummary, [late], stream))).toEqual(['2026-01-16 EUR placed']);
  });

  it('does not count a draft, also when it is cancelled', async () => {
    const draft = SEEDS.map((seed) => generatedOrder(seed, 20)).find(({ events, state }) => {
      return state?.status === 'cancelled' && !events.some(({ type }) => type === 'OrderPlaced');
    });
    if (draft === undefined) throw new Error('no generated history cancels a draft');
    expect(await foldRow(dailySummary, draft.events, draft.stream)).toBeNull();
  });
});
