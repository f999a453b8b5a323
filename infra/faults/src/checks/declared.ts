import type { Evidence, StreamRow } from '../evidence/evidence.ts';
import { type OrderEnvelope, orderEventsOf } from './log.ts';
import { compareRows } from './read-models.ts';

/** Projections declared over HTTP are a recount of the log, row by row: a sum, a count, and members laid over each other. */
export function checkDeclared(evidence: Pick<Evidence, 'log' | 'declared'>): readonly string[] {
  const events = orderEventsOf(evidence);
  const payments = events.flatMap((event) => (event.type === 'PaymentReceived' ? [event.data.amount] : []));
  const turningPoints = events.filter(({ type }) => type === 'OrderPlaced' || type === 'OrderCancelled');
  const sum = (some: typeof payments): string => String(some.reduce((total, { minor }) => total + minor, 0));
  const count = ({ length }: readonly OrderEnvelope[]): number => length;
  const merge = (some: readonly OrderEnvelope[]): object =>
    Object.assign({}, ...some.map(({ data }) => data));
  const { declared } = evidence;
  return [
    ...compareRows(
      'payments',
      recount(payments, ({ currency }) => currency, sum),
      declared.payments,
    ),
    ...compareRows(
      'turning_points',
      recount(turningPoints, ({ data }) => data.userId, count),
      declared.turning_points,
    ),
    ...compareRows(
      'latest',
      recount(turningPoints, ({ stream }) => stream, merge),
      declared.latest,
    ),
  ];
}

/** A row for each key, in the place of a stream. */
function recount<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  reduce: (items: Item[]) => unknown,
): readonly StreamRow[] {
  return [...Map.groupBy(items, keyOf)].map(([stream, some]) => ({
    stream,
    value: reduce(some),
    events: some.length,
  }));
}
