import type { OrderFact } from '../facts/order-fact.ts';
import type { OrderLine } from '../facts/order-lines.ts';

/** What can happen to a placed order, and is counted; also the columns of the counts. */
export const KINDS = [
  'placed',
  'paid',
  'shipped',
  'delivered',
  'cancelled',
  'refunded',
] as const satisfies readonly OrderFact['kind'][];
export type Kind = (typeof KINDS)[number];
/** What may follow the placing of an order. */
export type Stage = Exclude<Kind, 'placed'>;

/** ISO 4217's code for "no currency": a delivery of an order that was never seen placed. */
export const NO_CURRENCY = 'XXX';

/** An order since it was placed: when it reached each stage first, by business time, ms since the epoch. */
export interface TrackedOrder {
  readonly stream: string;
  readonly currency: string;
  readonly placedAtMs: number;
  readonly reachedMs: Readonly<Partial<Record<Stage, number>>>;
  /** What was ordered; may be left out for an order that is not going to be cancelled in this batch. */
  readonly lines: readonly OrderLine[];
}

/** What is to be added to the numbers of one hour and currency. */
export interface HourChange {
  readonly hourMs: number;
  readonly currency: string;
  readonly counts: Readonly<Record<Kind, number>>;
  /** Minor units received and given back. */
  readonly payments: bigint;
  readonly refunds: bigint;
}

/** A customer who placed an order in that hour. */
export interface CustomerHour {
  readonly hourMs: number;
  readonly currency: string;
  readonly userId: string;
}

/** What is to be added to the numbers of a product on the day its orders were placed; negative after a cancellation. */
export interface ProductChange {
  readonly dayMs: number;
  readonly productId: string;
  readonly currency: string;
  /** Null: as it was. */
  readonly name: string | null;
  readonly units: number;
  readonly orders: number;
  readonly revenue: bigint;
}

/** Everything that a batch changes, with one element for each row. */
export interface BatchChanges {
  readonly orders: readonly TrackedOrder[];
  readonly hours: readonly HourChange[];
  readonly customers: readonly CustomerHour[];
  readonly products: readonly ProductChange[];
}
