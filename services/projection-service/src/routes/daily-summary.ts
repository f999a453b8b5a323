import { type HttpApp, responses } from '@headrace/service-kit';
import { z } from 'zod';
import { dailySummaryParameters, dayTotalsSchema, listDays } from '../queries/daily-summary.ts';
import { readModelFor, refuseEventStore } from './prepare-query.ts';
import { nextCursor, QUERY_TAGS } from './query-page.ts';
import type { RouteDeps } from './route-deps.ts';

/** `GET /api/queries/daily-summary`. */
export function registerDailySummary(app: HttpApp, deps: RouteDeps): void {
  app.get(
    '/api/queries/daily-summary',
    {
      schema: {
        tags: QUERY_TAGS,
        summary:
          'Orders, revenue, refunds, deposits and withdrawals by day (UTC, business time) and currency, newest first',
        querystring: dailySummaryParameters,
        response: responses(
          { 200: z.object({ data: z.array(dayTotalsSchema), nextCursor }) },
          400,
          409,
          503,
          504,
        ),
      },
    },
    async ({ query }, reply) => {
      refuseEventStore(query);
      const orderDays = await readModelFor(deps, 'daily_summary', query, reply);
      const accountDays = await readModelFor(deps, 'account_days', query, reply);
      return await listDays(deps.database, { orderDays, accountDays }, query);
    },
  );
}
