import { type HttpApp, responses } from '@headrace/service-kit';
import { sumSchema } from '@headrace/shop';
import { z } from 'zod';
import { boundedRange, type RangeRules } from '../queries/range.ts';
import { readTopProducts } from '../queries/top-products.ts';
import type { AnalyticsDeps } from './analytics-deps.ts';
import { currencyParameter, isoTime, rangeParameters, TAGS } from './parameters.ts';

const RULES: RangeRules = { granularity: 'day', defaultDays: 30, maxDays: 366 };

const querystring = z.strictObject({
  ...rangeParameters('day', { from: '30 days before `to`', to: 'the end of the present day' }),
  limit: z.coerce
    .number('must be a whole number from 1 to 100')
    .int()
    .min(1)
    .max(100)
    .default(10)
    .describe('most products to return; default 10'),
  currency: currencyParameter,
});

const answer = z
  .object({
    from: z.string(),
    to: z.string().describe('not included'),
    products: z
      .array(
        z.object({
          productId: z.string(),
          name: z.string().describe('as on the latest day on which it was ordered'),
          units: z.int(),
          orders: z.int(),
          revenue: z
            .array(z.object({ currency: z.string(), amount: sumSchema }))
            .readonly()
            .describe(
              'units at their price, paid or not, in decimal units; nothing for items without a price',
            ),
        }),
      )
      .readonly()
      .describe('most units first'),
  })
  .meta({
    id: 'AnalyticsTopProducts',
    examples: [
      {
        from: '2026-01-01T00:00:00.000Z',
        to: '2026-02-01T00:00:00.000Z',
        products: [
          {
            productId: 'sku-1',
            name: 'Laptop',
            units: 3,
            orders: 2,
            revenue: [{ currency: 'USD', amount: 7499.97 }],
          },
        ],
      },
    ],
  });

/** `GET /analytics/top-products` */
export function registerTopProducts(app: HttpApp, { db, now }: AnalyticsDeps): void {
  app.get(
    '/analytics/top-products',
    {
      schema: {
        tags: TAGS,
        summary:
          'Products by units in orders that were placed in a range of at most 366 days and not cancelled',
        querystring,
        response: responses({ 200: answer }, 400, 503),
      },
    },
    async ({ query }) => {
      const { limit, currency } = query;
      const range = boundedRange(query, RULES, now());
      const products = await readTopProducts(db, { range, limit, currency });
      return { from: isoTime(range.fromMs), to: isoTime(range.toMs), products };
    },
  );
}
