import { eventually as eventuallyWithin } from '@headrace/test-kit';

/** Calls `check` until it no longer throws, and gives what it returned; its last failure stands in the error. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T> | T,
  timeoutMs = 30_000,
): Promise<T> {
  const done = await eventuallyWithin(async () => ({ result: await check() }), {
    what,
    timeoutMs,
    intervalMs: 100,
  });
  return done.result;
}
