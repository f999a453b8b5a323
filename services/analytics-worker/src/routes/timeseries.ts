import { type HttpApp, responses } from '@headrace/service-kit';
import { z } from 'zod';
import { boundedRange, type Granularity, type RangeRules } from '../queries/range.ts';
import { readTimeseries } from '../queries/timeseries.ts';
import type { AnalyticsDeps } from './analytics-deps.ts';
import { numbers, numbersExample } from './numbers-schema.ts';
import { currencyParameter, isoTime, rangeParameters, TAGS } from './parameters.ts';

const granularity = z.enum(['hour', 'day']);

/** So that an answer has at most about 750 points. */
const RULES: Readonly<Record<Granularity, RangeRules>> = {
  hour: { granularity: 'hour', defaultDays: 1, maxDays: 31 },
  day: { granularity: 'day', defaultDays: 30, maxDays: 731 },
};

const querystring = z.strictObject({
  granularity: granularity
    .default('day')
    .describe('length of a point; hours over 31 days at most, days over 731; default day'),
  ...rangeParameters('hour or day', {
    from: '24 hours, or 30 days, before `to`',
    to: 'the end of the present hour or day',
  }),
  currency: currencyParameter,
});

const answer = z
  .object({
    granularity,
    from: z.string(),
    to: z.string().describe('not included'),
    points: z
      .array(z.object({ at: z.string().describe('start of the hour or day, UTC'), ...numbers }))
      .readonly()
      .describe('one for each hour or day of the range, oldest first'),
  })
  .meta({
    id: 'AnalyticsTimeseries',
    examples: [
      {
        granularity: 'day',
        from: '2026-01-31T00:00:00.000Z',
        to: '2026-02-01T00:00:00.000Z',
        points: [{ at: '2026-01-31T00:00:00.000Z', ...numbersExample }],
      },
    ],
  });

/** `GET /analytics/timeseries` */
export function registerTimeseries(app: HttpApp, { db, now }: AnalyticsDeps): void {
  app.get(
    '/analytics/timeseries',
    {
      schema: {
        tags: TAGS,
        summary: 'Counts, revenue and customers of each hour or day',
        querystring,
        response: responses({ 200: answer }, 400, 503),
      },
    },
    async ({ query }) => {
      const range = boundedRange(query, RULES[query.granularity], now());
      const points = await readTimeseries(db, { ...query, range });
      return {
        granularity: query.granularity,
        from: isoTime(range.fromMs),
        to: isoTime(range.toMs),
        points: points.map(({ atMs, ...point }) => ({ at: isoTime(atMs), ...point })),
      };
    },
  );
}
