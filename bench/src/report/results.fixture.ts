import type { Results } from '../harness/results.ts';

/** A run with invented numbers: a target reached, one narrowly missed, a limit from above, names that need escaping. */
export const invented: Results = {
  startedAt: '2026-03-14T09:26:53.000Z',
  minutes: 13.6,
  machine: { CPU: '2 × Example <CPU> & co', Redis: '7.0.15' },
  scenarios: [
    {
      name: 'append',
      rows: [
        {
          title: 'append, 64 in flight',
          unit: 'events/s',
          measured: [
            {
              name: 'Headrace',
              value: { median: 28_912, low: 27_000, high: 30_300 },
              latencyMs: { p50: 2.1, p99: 4.812 },
            },
            { name: 'two <b>XADDs</b> | "bare"', value: { median: 25_814, low: 24_265, high: 27_053 } },
          ],
          verdicts: [
            { of: '× two XADDs', got: 1.12, wanted: { atLeast: 1 } },
            { of: '× Emmett', got: 14.999, wanted: { atLeast: 15 } },
          ],
          note: 'Each append creates a stream.',
        },
        {
          title: 'storage latency',
          unit: 'ms',
          measured: [{ name: 'Headrace', value: { median: 1.1, low: 1, high: 1.2 } }],
          verdicts: [{ of: 'p99 ms', got: 2, wanted: { atMost: 10 } }],
        },
      ],
    },
  ],
};
