import { exponentOf } from '@headrace/event-schema';

/**
 * A sum in minor units as a decimal number. Exact up to 15 digits, as a JSON number is; a larger sum is rounded to
 * the nearest one.
 */
export function toAmount(minor: bigint, currency: string): number {
  // the text is what is exact; dividing would add errors of its own
  return Number(`${minor}e-${exponentOf(currency)}`);
}
