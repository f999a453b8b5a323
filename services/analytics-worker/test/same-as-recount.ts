import type { EventStore } from '@headrace/event-store';
import { expect } from 'vitest';
import { recountOf } from './recount.ts';

type Ask = (url: string) => Promise<Record<string, unknown>>;

const FIRST = '2025-12-30T00:00:00.000Z';
const LAST = '2026-01-04T00:00:00.000Z';
const RANGES = [
  [FIRST, LAST],
  ['2025-12-31T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
  ['2025-12-31T22:00:00.000Z', '2026-01-01T05:00:00.000Z'],
  ['2024-01-01T00:00:00.000Z', '2024-01-02T00:00:00.000Z'],
] as const;

/** Asks every endpoint for several ranges and compares each answer with a plain recount of the log. */
export async function expectSameAsRecount(store: EventStore, ask: Ask): Promise<void> {
  const recount = await recountOf(store);
  const everything = recount.numbers('0001-01-01', '9999-01-01');
  // a recount of nothing would agree with anything that counts nothing
  expect(Math.min(...Object.values(everything.counts))).toBeGreaterThan(0);
  expect(await ask('/analytics/summary')).toEqual({ from: null, to: null, ...everything });
  for (const [from, to] of RANGES) {
    const range = `from=${from}&to=${to}`;
    expect(await ask(`/analytics/summary?${range}`)).toEqual({ from, to, ...recount.numbers(from, to) });
    expect(await ask(`/analytics/funnel?${range}`)).toEqual({
      from,
      to,
      ...withTolerance(recount.funnel(from, to)),
    });
    for (const granularity of ['hour', 'day'] as const) {
      await compareSeries(ask, granularity, { from, to }, recount.numbers);
      await compareSeries(ask, granularity, { from, to, currency: 'EUR' }, recount.numbers);
    }
  }
  const days = { from: FIRST, to: '2026-01-01T00:00:00.000Z' };
  for (const [limit, currency] of [
    [100, undefined],
    [3, undefined],
    [5, 'JPY'],
  ] as const) {
    const filter = currency === undefined ? '' : `&currency=${currency}`;
    const url = `/analytics/top-products?from=${days.from}&to=${days.to}&limit=${limit}${filter}`;
    const products = recount.topProducts(days.from, days.to, limit, currency);
    expect(await ask(url)).toEqual({ ...days, products });
  }
}

async function compareSeries(
  ask: Ask,
  granularity: 'hour' | 'day',
  query: { from: string; to: string; currency?: string },
  numbers: (from: string, to: string, currency?: string) => object,
): Promise<void> {
  const stepMs = granularity === 'hour' ? 3_600_000 : 86_400_000;
  const from = Math.floor(Date.parse(query.from) / stepMs) * stepMs;
  const to = Math.ceil(Date.parse(query.to) / stepMs) * stepMs;
  const points: object[] = [];
  for (let at = from; at < to; at += stepMs) {
    const start = new Date(at).toISOString();
    points.push({ at: start, ...numbers(start, new Date(at + stepMs).toISOString(), query.currency) });
  }
  const filter = new URLSearchParams({ granularity, ...query });
  expect(await ask(`/analytics/timeseries?${filter}`)).toEqual({
    granularity,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    points,
  });
}

/** Times are answered to the millisecond, and floats add up differently in another order. */
function withTolerance(value: object): object {
  return JSON.parse(JSON.stringify(value), (key, member: unknown) =>
    key.endsWith('Seconds') && typeof member === 'number' ? expect.closeTo(member, 2) : member,
  );
}
