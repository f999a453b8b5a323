import { sql, type Transaction } from 'kysely';
import type { Stage, TrackedOrder } from '../batch/changes.ts';
import type { OrderFact } from '../facts/order-fact.ts';
import { fromStored, type StoredLine } from './stored-lines.ts';
import type { AnalyticsTables } from './tables.ts';

interface OrderRow {
  readonly stream: string;
  readonly currency: string;
  readonly placed: number;
  readonly paid: number | null;
  readonly shipped: number | null;
  readonly delivered: number | null;
  readonly cancelled: number | null;
  readonly refunded: number | null;
  readonly lines: readonly StoredLine[];
}

const STAGES = ['paid', 'shipped', 'delivered', 'cancelled', 'refunded'] as const satisfies readonly Stage[];

/**
 * The orders that these facts are about and that were placed before, by stream. The lines, which may be many, come
 * only with those that are cancelled now.
 */
export async function loadOrders(
  tx: Transaction<AnalyticsTables>,
  facts: readonly OrderFact[],
): Promise<ReadonlyMap<string, TrackedOrder>> {
  const streams = [...new Set(facts.map(({ stream }) => stream))];
  const cancelled = facts.filter(({ kind }) => kind === 'cancelled').map(({ stream }) => stream);
  const { rows } = await sql<OrderRow>`
    select stream, currency,
      ${msOf('placed_at')} as placed,
      ${msOf('paid_at')} as paid,
      ${msOf('shipped_at')} as shipped,
      ${msOf('delivered_at')} as delivered,
      ${msOf('cancelled_at')} as cancelled,
      ${msOf('refunded_at')} as refunded,
      case when stream = any(${cancelled}::text[]) then lines else '[]'::jsonb end as lines
    from orders
    where stream = any(${streams}::text[])`.execute(tx);
  return new Map(rows.map((row) => [row.stream, trackedOrder(row)]));
}

/** Milliseconds since the epoch, as a number that the driver does not turn into text. */
function msOf(column: string) {
  return sql<number>`(extract(epoch from ${sql.ref(column)}) * 1000)::float8`;
}

function trackedOrder(row: OrderRow): TrackedOrder {
  const reachedMs: Partial<Record<Stage, number>> = {};
  for (const stage of STAGES) {
    const ms = row[stage];
    if (ms !== null) reachedMs[stage] = ms;
  }
  return {
    stream: row.stream,
    currency: row.currency,
    placedAtMs: row.placed,
    reachedMs,
    lines: fromStored(row.lines),
  };
}
