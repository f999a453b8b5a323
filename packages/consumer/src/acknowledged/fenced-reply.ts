import { FencedError } from '../errors.ts';

/**
 * A script's reply, unless it says that the lease is lost.
 * @param what was to be done
 * @throws FencedError
 */
export function unlessFenced<T>(reply: unknown, what: string): T {
  if (reply === 'fenced' || (Array.isArray(reply) && reply[0] === 'fenced')) throw new FencedError(what);
  return reply as T;
}
