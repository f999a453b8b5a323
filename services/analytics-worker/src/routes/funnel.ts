import { type HttpApp, responses } from '@headrace/service-kit';
import { z } from 'zod';
import { KINDS } from '../batch/changes.ts';
import { readFunnel } from '../queries/funnel.ts';
import { boundedRange, type RangeRules } from '../queries/range.ts';
import type { AnalyticsDeps } from './analytics-deps.ts';
import { isoTime, rangeParameters, TAGS } from './parameters.ts';

const RULES: RangeRules = { granularity: 'hour', defaultDays: 30, maxDays: 366 };

const querystring = z.strictObject(
  rangeParameters('hour', { from: '30 days before `to`', to: 'the end of the present hour' }),
);

const stage = z.enum(KINDS);
const share = z.number().min(0).max(1).nullable();
const seconds = z.number().min(0).nullable();

const answer = z
  .object({
    from: z.string(),
    to: z.string().describe('not included'),
    stages: z
      .array(
        z.object({
          stage,
          orders: z.int().describe('that reached it so far'),
          ofPlaced: share.describe('share of the placed orders; null when there are none'),
          ofPrevious: share.describe('share of the orders that reached the stage before this one'),
        }),
      )
      .readonly(),
    cancelled: z.int().describe('orders cancelled after they were placed'),
    refunded: z.int().describe('orders refunded, wholly or in part'),
    durations: z
      .array(
        z.object({
          from: stage,
          to: stage,
          orders: z
            .int()
            .describe('that reached both stages in this order; goods may leave before the payment'),
          averageSeconds: seconds,
          p50Seconds: seconds.describe('median; between two orders interpolated'),
          p95Seconds: seconds,
        }),
      )
      .readonly(),
  })
  .meta({
    id: 'AnalyticsFunnel',
    examples: [
      {
        from: '2026-01-01T00:00:00.000Z',
        to: '2026-02-01T00:00:00.000Z',
        stages: [
          { stage: 'placed', orders: 4, ofPlaced: 1, ofPrevious: null },
          { stage: 'paid', orders: 3, ofPlaced: 0.75, ofPrevious: 0.75 },
          { stage: 'shipped', orders: 2, ofPlaced: 0.5, ofPrevious: 0.6667 },
          { stage: 'delivered', orders: 1, ofPlaced: 0.25, ofPrevious: 0.5 },
        ],
        cancelled: 1,
        refunded: 0,
        durations: [
          { from: 'placed', to: 'paid', orders: 3, averageSeconds: 140, p50Seconds: 90, p95Seconds: 279 },
        ],
      },
    ],
  });

/** `GET /analytics/funnel` */
export function registerFunnel(app: HttpApp, { db, now }: AnalyticsDeps): void {
  app.get(
    '/analytics/funnel',
    {
      schema: {
        tags: TAGS,
        summary: 'How far the orders placed in a range of at most 366 days have come, and how fast',
        querystring,
        response: responses({ 200: answer }, 400, 503),
      },
    },
    async ({ query }) => {
      const range = boundedRange(query, RULES, now());
      return { from: isoTime(range.fromMs), to: isoTime(range.toMs), ...(await readFunnel(db, range)) };
    },
  );
}
