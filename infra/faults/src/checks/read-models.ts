import { isDeepStrictEqual } from 'node:util';
import { type OrderEvent, type OrderState, orderFold } from '@headrace/shop';
import type { DaysRow, Evidence, StreamRow } from '../evidence/evidence.ts';
import { checkHandled } from './handled.ts';
import { eventsOf, foldByStream, type OrderEnvelope, orderEventsOf } from './log.ts';

/** The state of every order, by stream. */
export function foldOrders(evidence: Pick<Evidence, 'log'>): ReadonlyMap<string, OrderState> {
  return foldByStream(orderFold, orderEventsOf(evidence));
}

/** The orders read model is the fold of the log. */
export function checkOrders(evidence: Pick<Evidence, 'log' | 'orders'>): readonly string[] {
  const expected = [...foldOrders(evidence)].map(([stream, state]) => {
    const { userId, status, createdAt } = state;
    return { stream, user_id: userId, status, created_at: createdAt, state };
  });
  return compareRows('orders', expected, withTimesAsText(evidence.orders));
}

/** The audit log has every event, whole and once. */
export function checkAudit(evidence: Pick<Evidence, 'log' | 'audit'>): readonly string[] {
  const events = eventsOf(evidence);
  const byId = new Map(events.map((event) => [event.id, event]));
  const traces = evidence.audit.map((row) => ({ ...row, eventId: row.event_id }));
  // Rows have no order; versions give them that of the log.
  const inOrder = traces.toSorted((a, b) => a.version - b.version);
  const altered = inOrder.filter(({ eventId, type, stream, version, data }) => {
    const event = byId.get(eventId);
    if (event === undefined) return false;
    const same = type === event.type && stream === event.stream && version === event.version;
    return !same || !isDeepStrictEqual(data, event.data);
  });
  return [
    ...checkHandled('the audit log', events, inOrder, 'once'),
    ...altered.map(({ eventId }) => `the audit log says something else of ${eventId} than the log`),
  ];
}

/** The days that each order counts on are those of its events. */
export function checkDays(evidence: Pick<Evidence, 'log' | 'days'>): readonly string[] {
  const byStream = Map.groupBy(orderEventsOf(evidence), ({ stream }) => stream);
  const expected = [...byStream].flatMap(([stream, events]) => daysOf(stream, events));
  return compareRows('daily_summary', expected, evidence.days);
}

function daysOf(stream: string, events: readonly OrderEnvelope[]): readonly DaysRow[] {
  const placed = events.find((event) => event.type === 'OrderPlaced');
  if (placed?.type !== 'OrderPlaced') return [];
  const dayOf = (type: OrderEvent['type']): string | null =>
    events.find((event) => event.type === type)?.occurredAt.slice(0, 10) ?? null;
  const minorOf = (type: 'PaymentReceived' | 'OrderRefunded', day?: string): number =>
    events
      .filter((event) => day === undefined || event.occurredAt.startsWith(day))
      .reduce((sum, event) => sum + (event.type === type ? event.data.amount.minor : 0), 0);
  const refundDays = new Set(
    events.filter(({ type }) => type === 'OrderRefunded').map(({ occurredAt }) => occurredAt.slice(0, 10)),
  );
  return [
    {
      stream,
      currency: placed.data.amount.currency,
      placed_on: placed.occurredAt.slice(0, 10),
      paid_on: dayOf('PaymentReceived'),
      paid_minor: minorOf('PaymentReceived'),
      shipped_on: dayOf('OrderShipped'),
      delivered_on: dayOf('OrderDelivered'),
      cancelled_on: dayOf('OrderCancelled'),
      refunds: [...refundDays].map((day) => ({ day, minor: minorOf('OrderRefunded', day) })),
    },
  ];
}

/** As JSON has them, and as the states of folds do. */
export function withTimesAsText(rows: readonly StreamRow[]): readonly StreamRow[] {
  return rows.map((row) => JSON.parse(JSON.stringify(row)) as StreamRow);
}

/** Compares row by row, with every column. */
export function compareRows(
  table: string,
  expected: readonly { readonly stream: string }[],
  rows: readonly { readonly stream: string }[],
): readonly string[] {
  const known = new Map(expected.map((row) => [row.stream, row]));
  const found = new Map(rows.map((row) => [row.stream, row]));
  const missing = expected.filter(({ stream }) => !found.has(stream));
  const wrong = rows.filter((row) => !isDeepStrictEqual({ ...row }, { ...known.get(row.stream) }));
  return [
    ...missing.map(({ stream }) => `${table} has no row for ${stream}`),
    ...wrong.map(
      (row) =>
        `${table} says ${JSON.stringify(row)}, the log ${JSON.stringify(known.get(row.stream) ?? 'nothing')}`,
    ),
  ];
}
