import { expect } from 'vitest';
import { foldOfLog } from './fold.ts';
import { isSuccess, type Load } from './load.ts';
import { readLog } from './log.ts';

/**
 * What clients may rely on, whatever happened meanwhile: a success is in the log, a request that was repeated under its
 * key took effect once, and nothing was refused that is allowed. Throws at the first broken promise.
 */
export async function expectPromisesKept(load: Load, redisUrl: string): Promise<void> {
  expect(load.answers.filter(({ status }) => status >= 400 && status < 500)).toEqual([]);

  const log = await readLog(redisUrl);
  const logged = new Set(log.map(({ id }) => id));
  const promised = load.answers.filter(isSuccess).map(({ eventId }) => eventId ?? 'none');
  expect(promised.length).toBeGreaterThan(100);
  expect(promised.filter((eventId) => !logged.has(eventId))).toEqual([]);

  const carts = log
    .filter(({ type }) => type === 'OrderPlaced')
    .map(({ data }) => JSON.stringify(data['items']));
  expect(carts.length - new Set(carts).size, 'orders placed twice under one key').toBe(0);
  const repeated = [...foldOfLog(log).values()].filter(({ types }) => new Set(types).size < types.length);
  expect(repeated).toEqual([]);
}
