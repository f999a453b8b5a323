import { describe, expect, it, vi } from 'vitest';
import { delayAfterMs, untilAvailable } from './until-available.ts';

const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** Fails with each of the given errors, then succeeds; keeps the times of its calls, in ms since the first. */
function failing(...errors: readonly unknown[]) {
  const left = [...errors];
  const calls: number[] = [];
  const open = async () => {
    calls.push(performance.now());
    if (left.length > 0) throw left.shift();
  };
  return { open, calls: () => calls.map((time) => Math.round(time - (calls[0] ?? 0))) };
}

function waiting() {
  const logger = { info: vi.fn(), warn: vi.fn() };
  const stop = new AbortController();
  return { logger, stop, options: { signal: stop.signal, logger } };
}

describe('untilAvailable', () => {
  it('says nothing of a server that is there', async () => {
    const { open, calls } = failing();
    const { logger, options } = waiting();
    await untilAvailable('Redis', open, options);
    expect(calls()).toEqual([0]);
    expect([logger.warn.mock.calls, logger.info.mock.calls]).toEqual([[], []]);
  });

  it('tries again at growing intervals, and logs the beginning and the end', async () => {
    const { open, calls } = failing(refused(), refused(), refused());
    const { logger, options } = waiting();
    await untilAvailable('Redis', open, options);
    const [first = 0, second = 0, third = 0, fourth = 0] = calls();
    expect(second - first).toBeGreaterThanOrEqual(98);
    expect(third - second).toBeGreaterThanOrEqual(198);
    expect(fourth - third).toBeGreaterThanOrEqual(398);
    expect(logger.warn.mock.calls).toEqual([
      [{ err: expect.objectContaining({ code: 'ECONNREFUSED' }) }, expect.stringContaining('Redis')],
    ]);
    expect(logger.info.mock.calls).toEqual([
      [{ waitedMs: expect.any(Number) }, expect.stringContaining('Redis')],
    ]);
  });

  it('pauses two seconds at most', () => {
    const pauses = [0, 1, 4, 5, 1_000, 1_000_000].map(delayAfterMs);
    expect(pauses).toEqual([100, 200, 1_600, 2_000, 2_000, 2_000]);
  });

  it.each([
    ['a store that cannot be reached', Object.assign(new Error('away'), { code: 'STORE_UNAVAILABLE' })],
    ['a PostgreSQL that is starting up', Object.assign(new Error('starting up'), { code: '57P03' })],
    ['another log than the one that is known', Object.assign(new Error('another'), { code: 'LOG_CHANGED' })],
    ['a name that is not known yet', Object.assign(new Error('getaddrinfo'), { code: 'EAI_AGAIN' })],
    ['a cause of that kind', new Error('migrating failed', { cause: refused() })],
    [
      'a Redis that is loading',
      Object.assign(new Error('LOADING Redis is loading the dataset in memory'), { name: 'ReplyError' }),
    ],
  ])('waits for %s', async (_, error) => {
    const { open, calls } = failing(error);
    await untilAvailable('it', open, waiting().options);
    expect(calls()).toHaveLength(2);
  });

  it.each([
    Object.assign(new Error('8 partitions'), { code: 'LOG_MISMATCH' }),
    Object.assign(new Error('everysec'), { code: 'DURABILITY_NOT_GIVEN' }),
    Object.assign(new Error('search_path is public'), { code: 'CONNECTION_POOLER' }),
    Object.assign(new Error('syntax error'), { code: '42601' }),
    Object.assign(new Error('ERR unknown command'), { name: 'ReplyError' }),
    'text',
  ])('throws what waiting cannot mend, at once: %s', async (error) => {
    const { open, calls } = failing(error, error);
    const { logger, options } = waiting();
    await expect(untilAvailable('it', open, options)).rejects.toBe(error);
    expect(calls()).toHaveLength(1);
    expect(logger.warn).not.toHaveBeenCalled();
  });

  it('throws such an error after waiting too', async () => {
    const { open } = failing(refused(), new Error('wrong password'));
    await expect(untilAvailable('it', open, waiting().options)).rejects.toThrow('wrong password');
  });

  it.each([
    ['between tries', () => Promise.reject(refused())],
    ['during a try that hangs', () => new Promise<void>(() => undefined)],
  ])('ends when it is told to, %s', async (_, thirdTry) => {
    const { open, calls } = failing(refused(), refused());
    const { stop, options } = waiting();
    const outcome = untilAvailable('it', async () => (calls().length < 2 ? open() : thirdTry()), options);
    const failure = outcome.catch((error: unknown) => error);
    await expect.poll(() => calls()).toHaveLength(2);
    // the third try comes 200 ms after the second, the fourth would come another 400 ms later
    await new Promise((resolve) => setTimeout(resolve, 250));
    const abortedAt = performance.now();
    stop.abort();
    expect(await failure).toBe(stop.signal.reason);
    expect(performance.now() - abortedAt).toBeLessThan(200);
  });

  it('does not begin when it was told to end before', async () => {
    const { open, calls } = failing();
    const { stop, options } = waiting();
    stop.abort();
    await expect(untilAvailable('it', open, options)).rejects.toBe(stop.signal.reason);
    expect(calls()).toEqual([]);
  });
});
