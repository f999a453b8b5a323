import { type RawBuilder, sql, type Transaction } from 'kysely';
import {
  type BatchChanges,
  type CustomerHour,
  type HourChange,
  KINDS,
  type ProductChange,
  type Stage,
  type TrackedOrder,
} from '../batch/changes.ts';
import { toStored } from './stored-lines.ts';
import type { AnalyticsTables } from './tables.ts';

type Tx = Transaction<AnalyticsTables>;

/** Adds what a batch of one partition has changed: one statement for each table. */
export async function writeChanges(tx: Tx, partition: number, changes: BatchChanges): Promise<void> {
  if (changes.orders.length > 0) await writeOrders(tx, changes.orders);
  if (changes.hours.length > 0) await addToHours(tx, partition, changes.hours);
  if (changes.customers.length > 0) await addCustomers(tx, partition, changes.customers);
  if (changes.products.length > 0) await addToProducts(tx, partition, changes.products);
}

async function writeOrders(tx: Tx, orders: readonly TrackedOrder[]): Promise<void> {
  const stage = (name: Stage) => times(orders.map(({ reachedMs }) => reachedMs[name] ?? null));
  await sql`
    insert into orders
      (stream, currency, placed_at, paid_at, shipped_at, delivered_at, cancelled_at, refunded_at, lines)
    select stream, currency, ${stamp('placed')}, ${stamp('paid')}, ${stamp('shipped')}, ${stamp('delivered')},
      ${stamp('cancelled')}, ${stamp('refunded')}, lines::jsonb
    from unnest(
      ${orders.map(({ stream }) => stream)}::text[],
      ${orders.map(({ currency }) => currency)}::text[],
      ${times(orders.map(({ placedAtMs }) => placedAtMs))},
      ${stage('paid')}, ${stage('shipped')}, ${stage('delivered')}, ${stage('cancelled')}, ${stage('refunded')},
      ${orders.map(({ lines }) => JSON.stringify(toStored(lines)))}::text[]
    ) as given (stream, currency, placed, paid, shipped, delivered, cancelled, refunded, lines)
    on conflict (stream) do update set
      paid_at = excluded.paid_at,
      shipped_at = excluded.shipped_at,
      delivered_at = excluded.delivered_at,
      cancelled_at = excluded.cancelled_at,
      refunded_at = excluded.refunded_at`.execute(tx);
}

async function addToHours(tx: Tx, partition: number, hours: readonly HourChange[]): Promise<void> {
  const counts = KINDS.map((kind) => sql`${hours.map((hour) => hour.counts[kind])}::bigint[]`);
  await sql`
    insert into hours as known (partition, hour, currency, ${columns(KINDS)}, payments, refunds)
    select ${partition}::integer, ${stamp('hour')}, currency, ${columns(KINDS)}, payments, refunds
    from unnest(
      ${times(hours.map(({ hourMs }) => hourMs))},
      ${hours.map(({ currency }) => currency)}::text[],
      ${sql.join(counts)},
      ${sums(hours.map(({ payments }) => payments))},
      ${sums(hours.map(({ refunds }) => refunds))}
    ) as given (hour, currency, ${columns(KINDS)}, payments, refunds)
    on conflict (hour, currency, partition) do update set ${added([...KINDS, 'payments', 'refunds'])}`.execute(
    tx,
  );
}

async function addCustomers(tx: Tx, partition: number, customers: readonly CustomerHour[]): Promise<void> {
  await sql`
    insert into customer_hours (partition, hour, currency, user_id)
    select ${partition}::integer, ${stamp('hour')}, currency, user_id
    from unnest(
      ${times(customers.map(({ hourMs }) => hourMs))},
      ${customers.map(({ currency }) => currency)}::text[],
      ${customers.map(({ userId }) => userId)}::text[]
    ) as given (hour, currency, user_id)
    on conflict do nothing`.execute(tx);
}

async function addToProducts(tx: Tx, partition: number, products: readonly ProductChange[]): Promise<void> {
  await sql`
    insert into product_days as known (partition, day, product_id, currency, name, units, orders, revenue)
    select ${partition}::integer, ${stamp('day')}, product_id, currency, name, units, orders, revenue
    from unnest(
      ${times(products.map(({ dayMs }) => dayMs))},
      ${products.map(({ productId }) => productId)}::text[],
      ${products.map(({ currency }) => currency)}::text[],
      ${products.map(({ name }) => name)}::text[],
      ${products.map(({ units }) => units)}::bigint[],
      ${products.map(({ orders }) => orders)}::bigint[],
      ${sums(products.map(({ revenue }) => revenue))}
    ) as given (day, product_id, currency, name, units, orders, revenue)
    on conflict (day, product_id, currency, partition) do update set
      name = coalesce(excluded.name, known.name),
      ${added(['units', 'orders', 'revenue'])}`.execute(tx);
}

/** `a = known.a + excluded.a, …` */
function added(names: readonly string[]): RawBuilder<unknown> {
  return sql.join(
    names.map((name) => sql`${sql.ref(name)} = ${sql.ref(`known.${name}`)} + ${sql.ref(`excluded.${name}`)}`),
  );
}

function columns(names: readonly string[]): RawBuilder<unknown> {
  return sql.join(names.map((name) => sql.ref(name)));
}

/** Milliseconds since the epoch travel as numbers: PostgreSQL does not read the text of every ISO 8601 year. */
function times(values: readonly (number | null)[]): RawBuilder<unknown> {
  return sql`${values}::bigint[]`;
}

function stamp(column: string): RawBuilder<unknown> {
  return sql`to_timestamp(${sql.ref(column)} / 1000::float8)`;
}

/** As text: JavaScript's bigint has no JSON, and the driver no type for it. */
function sums(values: readonly bigint[]): RawBuilder<unknown> {
  return sql`${values.map(String)}::numeric[]`;
}
