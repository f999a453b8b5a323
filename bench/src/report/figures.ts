import type { Results, Spread } from '../harness/results.ts';

/** Written if nothing was measured. */
const NOTHING = '–';

/**
 * A number for people: about three digits, thousands grouped, at least two digits after the point below ten.
 * @param more digits, to distinguish two numbers that would look the same
 */
export function figure(value: number, more = 0): string {
  if (!Number.isFinite(value)) return NOTHING;
  if (value === 0) return '0';
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  const decimals = (magnitude >= 0 ? Math.max(0, 2 - magnitude) : Math.max(2, 1 - magnitude)) + more;
  const digits = Math.min(decimals, 20);
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Lowest and highest round. */
export function range({ low, high }: Spread): string {
  return `${figure(low)}–${figure(high)}`;
}

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

/** When the run was and how long it took. */
export function whenOf({ startedAt, minutes }: Results): string {
  return `${day.format(new Date(startedAt))} UTC, in ${Math.max(1, Math.round(minutes))} min`;
}
