import { type HttpApp, responses } from '@headrace/service-kit';
import { z } from 'zod';
import { openRange } from '../queries/range.ts';
import { readSummary } from '../queries/summary.ts';
import type { AnalyticsDeps } from './analytics-deps.ts';
import { numbers, numbersExample } from './numbers-schema.ts';
import { isoTime, rangeParameters, TAGS } from './parameters.ts';

const querystring = z.strictObject(
  rangeParameters('hour', { from: 'the first event', to: 'the last event' }),
);

const answer = z
  .object({
    from: z.string().nullable().describe('start of the range that was added up; null: open'),
    to: z.string().nullable().describe('its end, not included; null: open'),
    ...numbers,
  })
  .meta({
    id: 'AnalyticsSummary',
    examples: [{ from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z', ...numbersExample }],
  });

/** `GET /analytics/summary` */
export function registerSummary(app: HttpApp, { db }: AnalyticsDeps): void {
  app.get(
    '/analytics/summary',
    {
      schema: {
        tags: TAGS,
        summary: 'Counts, revenue and customers of a range, or of all time',
        querystring,
        response: responses({ 200: answer }, 400, 503),
      },
    },
    async ({ query }) => {
      const range = openRange(query);
      const { fromMs, toMs } = range;
      return {
        from: fromMs === undefined ? null : isoTime(fromMs),
        to: toMs === undefined ? null : isoTime(toMs),
        ...(await readSummary(db, range)),
      };
    },
  );
}
