import type { Placed } from './events.ts';

/** How long after placing a prepaid order must be paid, ms; absent: for ever. */
export interface PaymentDeadline {
  readonly afterMs?: number;
}

/**
 * When a placed order has to be paid, ISO 8601: the deadline begins when billing sees it. None for orders on account,
 * and none for free ones: nothing is owed, so nothing can be late. Nor for history: an order that was late already when
 * it was recorded, as one that is imported, may have a payment that is yet to be recorded.
 * @param seenAt when billing first sees the order
 */
export function dueAtOf(placed: Placed, { afterMs }: PaymentDeadline, seenAt: Date): string | undefined {
  const { data, occurredAt, recordedAt } = placed;
  if (afterMs === undefined || data.paymentTerms !== 'prepaid' || data.amount.minor === 0) return undefined;
  if (Date.parse(recordedAt) - Date.parse(occurredAt) > afterMs) return undefined;
  return new Date(seenAt.getTime() + afterMs).toISOString();
}

const MINUTE_MS = 60_000;
const ISO_DURATION = /^P(?:(\d{1,4})W|(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?)$/;
/** Weeks, days, hours, minutes, seconds: the units that are always as long. */
const UNITS_MS = [10_080 * MINUTE_MS, 1_440 * MINUTE_MS, 60 * MINUTE_MS, MINUTE_MS, 1_000];
const LONGEST_MS = 3_660 * 1_440 * MINUTE_MS;

/**
 * Reads a deadline as operators write it: whole minutes (`30`) or an ISO 8601 duration of weeks, days, hours,
 * minutes and seconds (`P3D`, `PT1H30M`), up to ten years. Years and months have no fixed length and are refused.
 * Undefined for anything else, zero included.
 */
export function parseDeadlineMs(text: string): number | undefined {
  const ms = /^\d{1,8}$/.test(text) ? Number(text) * MINUTE_MS : isoDurationMs(text);
  return ms > 0 && ms <= LONGEST_MS ? ms : undefined;
}

function isoDurationMs(text: string): number {
  const parts = ISO_DURATION.exec(text);
  if (parts === null) return 0;
  return UNITS_MS.reduce((sum, unitMs, index) => sum + Number(parts[index + 1] ?? 0) * unitMs, 0);
}
