import { z } from 'zod';

/** Bounds of business time, ms since the epoch (the last one excluded): whole years that every database can store. */
export const EARLIEST_TIME_MS = Date.parse('0001-01-01T00:00:00Z');
export const LATEST_TIME_MS = Date.parse('9999-01-01T00:00:00Z');

/** `Date.parse` alone also accepts `2024`, and `01/02/2024` in the time zone of the process. */
const DATE_TIME = z.regexes.datetime({ offset: true });

/** Whether a text is an ISO 8601 date and time with `Z` or an offset, from year 1 to year 9998, UTC. */
export function isBusinessTime(text: string): boolean {
  if (!DATE_TIME.test(text)) return false;
  const ms = Date.parse(text);
  return ms >= EARLIEST_TIME_MS && ms < LATEST_TIME_MS;
}
