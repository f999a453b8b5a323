/** The first and the last moment that an event may be about, ms: whole years that every store of times can write. */
export const EARLIEST_TIME_MS = Date.parse('0001-01-01T00:00:00Z');
export const LATEST_TIME_MS = Date.parse('9999-01-01T00:00:00Z');

/** Whether an ISO 8601 text is a time from year 1 to year 9998, UTC. */
export function isBusinessTime(text: string): boolean {
  const ms = Date.parse(text);
  return ms >= EARLIEST_TIME_MS && ms < LATEST_TIME_MS;
}
