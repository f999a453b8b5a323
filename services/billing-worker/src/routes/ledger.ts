import { type HttpApp, responses } from '@headrace/service-kit';
import { z } from 'zod';
import { listPostings, sumAccounts } from '../database/ledger.ts';
import type { BillingReads } from './invoices.ts';
import { postingSchema, presentPosting, presentTrialBalance, trialBalanceSchema } from './ledger-schema.ts';
import {
  cursorParameter,
  limitParameter,
  nextCursorSchema,
  orderIdParameter,
  pageOf,
  TAGS,
} from './parameters.ts';

const ledgerQuery = z.strictObject({
  orderId: orderIdParameter.optional().describe('only postings of this order'),
  limit: limitParameter,
  cursor: cursorParameter,
});

/** `GET /ledger` and `GET /ledger/trial-balance` */
export function registerLedger(app: HttpApp, { db }: BillingReads): void {
  app.get(
    '/ledger',
    {
      schema: {
        tags: TAGS,
        summary: 'Postings in the order in which they were made; a page, once full, never changes',
        querystring: ledgerQuery,
        response: responses(
          { 200: z.object({ postings: z.array(postingSchema), nextCursor: nextCursorSchema }) },
          400,
          503,
        ),
      },
    },
    async ({ query: { orderId, limit, cursor } }) => {
      const rows = await listPostings(db, { orderId, after: cursor ?? 0, limit: limit + 1 });
      const { page, nextCursor } = pageOf(rows, limit);
      return { postings: page.map(presentPosting), nextCursor };
    },
  );
  app.get(
    '/ledger/trial-balance',
    {
      schema: {
        tags: TAGS,
        summary: 'Debits and credits of every account by currency',
        response: responses({ 200: trialBalanceSchema }, 503),
      },
    },
    async () => presentTrialBalance(await sumAccounts(db)),
  );
}
