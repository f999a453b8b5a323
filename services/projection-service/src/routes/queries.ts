import { foldRow } from '@headrace/projections';
import { type HttpApp, InvalidRequestError, notFound, responses } from '@headrace/service-kit';
import { orderStream } from '@headrace/shop';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { orders } from '../projections/orders.ts';
import { auditPageSchema, auditParametersOf, listEvents } from '../queries/audit.ts';
import { dailySummaryParameters, dayTotalsSchema, listDays } from '../queries/daily-summary.ts';
import { findOrder, listOrders, orderSchema, ordersParameters, presentOrder } from '../queries/orders.ts';
import { registerAccounts, registerUsers } from './aggregate-queries.ts';
import { registerDeclaredQueries } from './declared-queries.ts';
import type { RouteDeps } from './deps.ts';
import { readModelFor, refuseEventStore } from './prepare-query.ts';

const TAGS = ['queries'];

const nextCursor = z.string().nullable().describe('where the next page begins; null after the last');
const pageOf = <Row extends z.ZodType>(row: Row) => z.object({ data: z.array(row), nextCursor });

/** `GET /api/queries/…`: the read models. */
export function registerQueries(app: HttpApp, deps: RouteDeps): void {
  registerOrders(app, deps);
  registerAccounts(app, deps);
  registerUsers(app, deps);
  registerDailySummary(app, deps);
  registerAudit(app, deps);
  registerDeclaredQueries(app, deps);
}

function registerOrders(app: HttpApp, deps: RouteDeps): void {
  app.get(
    '/api/queries/orders',
    {
      schema: {
        tags: TAGS,
        summary: 'One order by orderId, or orders of a user or in a status, newest first',
        description:
          'Needs PostgreSQL. With `source=event_store` and `orderId` the order is folded from the log instead: ' +
          'that needs Redis only and is never behind, so `wait_for` has nothing to wait for.',
        querystring: ordersParameters,
        response: responses(
          { 200: z.union([z.object({ data: orderSchema }), pageOf(orderSchema)]) },
          400,
          404,
          409,
          503,
          504,
        ),
      },
    },
    async ({ query }, reply) => {
      if (query.source === 'event_store') return await orderFromLog(deps, query.orderId);
      if (query.orderId !== undefined) return await orderFromReadModel(deps, query.orderId, query, reply);
      return await listOrders(deps.database, await readModelFor(deps, 'orders', query, reply), query);
    },
  );
}

async function orderFromReadModel(
  deps: RouteDeps,
  orderId: string,
  query: z.output<typeof ordersParameters>,
  reply: FastifyReply,
) {
  const table = await readModelFor(deps, 'orders', query, reply);
  const row = await findOrder(deps.database, table, orderStream(orderId));
  if (row === undefined) throw noSuchOrder(orderId);
  return { data: presentOrder(row) };
}

async function orderFromLog({ store }: RouteDeps, orderId: string | undefined) {
  if (orderId === undefined) {
    const message = 'is needed with source=event_store, which folds one order';
    throw new InvalidRequestError([{ in: 'query', path: 'orderId', message }]);
  }
  const stream = orderStream(orderId);
  const row = await foldRow(orders, store.readStream(stream), stream);
  if (row === null) throw noSuchOrder(orderId);
  return { data: presentOrder(row) };
}

function noSuchOrder(orderId: string) {
  return notFound('There is no such order, or it is not here yet (see wait_for).', { orderId });
}

function registerDailySummary(app: HttpApp, deps: RouteDeps): void {
  app.get(
    '/api/queries/daily-summary',
    {
      schema: {
        tags: TAGS,
        summary:
          'Orders, revenue, refunds, deposits and withdrawals by day (UTC, business time) and currency, newest first',
        querystring: dailySummaryParameters,
        response: responses({ 200: pageOf(dayTotalsSchema) }, 400, 409, 503, 504),
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

function registerAudit(app: HttpApp, deps: RouteDeps): void {
  const { partitions } = deps.store;
  app.get(
    '/api/queries/audit',
    {
      schema: {
        tags: TAGS,
        summary: 'Every event of the log, oldest first',
        description:
          'Pages skip nothing and repeat nothing, also while parts of the log are still on their way into the ' +
          'read model. Follow the log by coming back with `resumeCursor`.',
        querystring: auditParametersOf(partitions),
        response: responses({ 200: auditPageSchema }, 400, 409, 503, 504),
      },
    },
    async ({ query }, reply) => {
      refuseEventStore(query);
      const table = await readModelFor(deps, 'audit_log', query, reply);
      return await listEvents(deps.database, table, partitions, query);
    },
  );
}
