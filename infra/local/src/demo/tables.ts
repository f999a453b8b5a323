import Table from 'cli-table3';
import type { Endpoints } from './endpoints.ts';
import type { Seen, SeenEvent, SeenOrder, SeenState } from './seen.ts';

/** Without colours, which files do not have, and without lines between rows. */
const plain = { head: [], border: [], compact: true };

/** Members of an order that get a row if a column has them, in this order. */
const rows: readonly (readonly [title: string, member: string])[] = [
  ['Status', 'status'],
  ['Version', 'version'],
  ['Amount', 'amount'],
  ['Paid', 'paidAmount'],
  ['Refunded', 'refundedAmount'],
  ['Currency', 'currency'],
  ['Payment method', 'paymentMethod'],
  ['Carrier', 'carrier'],
  ['Tracking number', 'trackingNumber'],
  ['Signature', 'signature'],
  ['Cancelled because', 'cancelReason'],
];

/** Everything that the demo saw, as text. */
export function renderSeen(seen: Seen): string {
  return seen.orders.map(renderOrder).join('\n\n');
}

function renderOrder(order: SeenOrder): string {
  return [
    `${order.title}: order ${order.orderId}`,
    ...order.steps.map(({ request, status, version }) => `  ${request}  → ${status}, version ${version}`),
    'History',
    historyTable(order.history),
    'The order as it was read',
    stateTable(order.states),
    ...order.states.map(({ label, url }) => `  ${label}: GET ${url}`),
  ].join('\n');
}

/** A row per event, oldest first. */
export function historyTable(history: readonly SeenEvent[]): string {
  const table = new Table({
    head: ['Version', 'Event', 'Recorded at', 'Event id', 'What it says'],
    style: plain,
  });
  for (const event of history) {
    table.push([event.version, event.type, event.recordedAt, event.eventId, detailOf(event)]);
  }
  return table.toString();
}

/** A column per state, a row per member that one of them has. */
export function stateTable(states: readonly SeenState[]): string {
  const table = new Table({ head: ['', ...states.map(({ label }) => label)], style: plain });
  for (const [title, member] of rows) {
    const cells = states.map(({ order }) => shown(order[member]));
    if (cells.some((cell) => cell !== '')) table.push([title, ...cells]);
  }
  return table.toString();
}

/** The part of an event's data that differs from other events of its type. */
function detailOf({ data }: SeenEvent): string {
  const parts = [
    ['amount', amountOf(data)],
    ['item', itemOf(data['item'])],
    ['item', data['itemId']],
    ['by', data['paymentMethod']],
    ['carrier', data['carrier']],
    ['tracking', data['trackingNumber']],
    ['signed', data['signature']],
    ['reason', data['reason']],
  ] as const;
  return parts
    .filter(([, value]) => shown(value) !== '')
    .map(([name, value]) => `${name} ${shown(value)}`)
    .join(', ');
}

function amountOf({ amount, currency }: SeenEvent['data']): string {
  return shown(amount) === '' ? '' : `${shown(amount)} ${shown(currency)}`;
}

function itemOf(item: unknown): string {
  if (typeof item !== 'object' || item === null) return '';
  const { name, quantity } = item as { readonly name?: unknown; readonly quantity?: unknown };
  return `${shown(quantity)} × ${shown(name)}`;
}

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** URLs of what a user may want to see next. */
export function whereNext(endpoints: Endpoints, seen: Seen): string {
  const table = new Table({ head: ['Look next', 'URL'], style: plain });
  const [first] = seen.orders;
  table.push(
    ['Customers’ mail', endpoints.inbox],
    ['Order API, to try in the browser', `${endpoints.orderApi}/docs`],
  );
  if (first) table.push(['Invoice', `${endpoints.billing}/invoices/${first.orderId}`]);
  table.push(
    ['Trial balance', `${endpoints.billing}/ledger/trial-balance`],
    ['Orders and revenue', `${endpoints.analytics}/analytics/summary`],
    ['Read model', `${endpoints.projections}/api/queries/orders`],
  );
  return table.toString();
}
