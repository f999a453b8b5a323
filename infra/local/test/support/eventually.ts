import { waitUntil } from '../../src/waiting.ts';

/** Calls `check` until it no longer throws, and gives what it returned; its last failure stands in the error. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T> | T,
  timeoutMs = 30_000,
): Promise<T> {
  const results: T[] = [];
  await waitUntil(async () => results.push(await check()), { what, timeoutMs, intervalMs: 100 });
  const [result] = results.slice(-1);
  return result as T;
}
