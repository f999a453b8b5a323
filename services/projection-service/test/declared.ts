import type { EventStore } from '@headrace/event-store';
import { foldRows } from '@headrace/projections';
import { orderStream } from '@headrace/shop';
import { declarationOf } from '../src/declared/declaration.ts';
import { declaredProjection, SKIPPED_KEY } from '../src/declared/declared-projection.ts';
import { presentDeclared } from '../src/queries/declared.ts';

/** A row as `GET /api/queries/{projectionId}` shows it. */
export interface Row {
  readonly key: string;
  readonly value: unknown;
  readonly events: number;
  readonly lastUpdated: string;
}

/** What is posted. */
export function body(projectionId: string, changes: object = {}) {
  const by = { key: 'amount.currency', reduce: { sum: 'amount.minor' } };
  return { projectionId, name: 'Revenue by currency', eventTypes: ['PaymentReceived'], ...by, ...changes };
}

/** All rows that the log makes for a declaration, by key. */
export async function rowsOfTheLog(
  store: EventStore,
  { projectionId, ...declared }: ReturnType<typeof body>,
): Promise<readonly unknown[]> {
  const declaration = declarationOf(declared);
  const events = [];
  for await (const event of store.readLog()) events.push(event);
  return [...foldRows(declaredProjection(projectionId, declaration), events).values()]
    .filter(({ key }) => key !== SKIPPED_KEY)
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map((row) => presentDeclared(row));
}

/** One payment, of so many cents; its event id. */
export async function pay(store: EventStore, orderId: string, minor: number): Promise<string> {
  const order = { orderId, userId: 'ann', paymentTerms: 'prepaid' };
  const data = { ...order, paymentMethod: 'card', amount: { minor, currency: 'EUR' } };
  const { positions } = await store.append(orderStream(orderId), [{ type: 'PaymentReceived', data }]);
  return positions.at(-1) ?? '';
}
