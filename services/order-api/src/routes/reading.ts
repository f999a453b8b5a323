import type { Timeline } from '@headrace/event-schema';
import { type EventStore, type Loaded, VersionBeyondEndError } from '@headrace/event-store';
import { type HttpApp, responses, setEntityTag } from '@headrace/service-kit';
import { type OrderState, orderFold, orderStream } from '@headrace/shop';
import { z } from 'zod';
import { OrderNotFoundError, OrderNotYetThereError } from '../domain/orders/errors.ts';
import { latestHistory } from '../history/latest.ts';
import { HISTORY_PAGE, type HistoryRange, readHistoryPage } from '../history/page.ts';
import { orderEventSchema } from '../presentation/present-event.ts';
import { orderSchema, presentOrder } from '../presentation/present-order.ts';
import { orderPath } from '../requests/fields.ts';
import {
  type HistoryQuery,
  historyQuery,
  nextQuery,
  type Point,
  pointOf,
  stateQuery,
} from '../requests/time-travel.ts';
import { TAGS } from './descriptions.ts';

/** `GET /orders/:id`, now or in the past, and `GET /orders/:id/history`. */
export function registerReading(app: HttpApp, { store }: { readonly store: EventStore }): void {
  registerState(app, store);
  registerHistory(app, store);
}

function registerState(app: HttpApp, store: EventStore): void {
  app.get(
    '/orders/:id',
    {
      schema: {
        tags: [TAGS.read],
        summary: 'An order, now or as it was at a version or time',
        params: orderPath,
        querystring: stateQuery,
        response: responses({ 200: orderSchema }, 400, 404, 503),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { state, version } = await orderAt(store, id, pointOf(request.query), request.query.by);
      if (state === null) throw new OrderNotFoundError({ orderId: id });
      setEntityTag(reply, version);
      return presentOrder(state, version, await latestHistory(store, id, version));
    },
  );
}

async function orderAt(
  store: EventStore,
  orderId: string,
  point: Point | undefined,
  by: Timeline = 'recorded',
): Promise<Loaded<OrderState | null>> {
  const stream = orderStream(orderId);
  if (point === undefined) return await store.load(orderFold, stream);
  const version = await versionOf(store, stream, point, by);
  if (version === 0 && (await store.streamVersion(stream)) > 0)
    throw new OrderNotYetThereError({ orderId, timeline: by });
  try {
    return await store.load(orderFold, stream, { version });
  } catch (error) {
    if (error instanceof VersionBeyondEndError && error.current === 0)
      throw new OrderNotFoundError({ orderId });
    throw error;
  }
}

function registerHistory(app: HttpApp, store: EventStore): void {
  app.get(
    '/orders/:id/history',
    {
      schema: {
        tags: [TAGS.read],
        summary: 'The events of an order, oldest first',
        description:
          `At most ${HISTORY_PAGE.events} events, and about 2 MiB of them. Where there are more, the header ` +
          '`Link` has the next page (`rel="next"`, RFC 8288): `from` is the version to go on with.',
        params: orderPath,
        querystring: historyQuery,
        response: responses({ 200: z.array(orderEventSchema) }, 400, 404, 503),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const stream = orderStream(id);
      const version = await store.streamVersion(stream);
      if (version === 0) throw new OrderNotFoundError({ orderId: id });
      const range = await rangeOf(store, stream, version, request.query);
      const { events, next } = await readHistoryPage(store, stream, range);
      setEntityTag(reply, version);
      if (next !== undefined) reply.header('link', `<${nextQuery(request.query, next)}>; rel="next"`);
      return events;
    },
  );
}

async function rangeOf(
  store: EventStore,
  stream: string,
  end: number,
  { from, to, by, limit = HISTORY_PAGE.events }: HistoryQuery,
): Promise<HistoryRange> {
  const first = from === undefined ? 1 : await firstVersion(store, stream, from, by);
  const last = to === undefined ? end : await versionOf(store, stream, to, by);
  return { first, last: Math.min(last, end), limit };
}

/** A moment begins after everything before it. */
async function firstVersion(
  store: EventStore,
  stream: string,
  point: Point,
  by: Timeline | undefined,
): Promise<number> {
  return 'version' in point ? point.version : (await store.versionAt(stream, point.ms - 1, by)) + 1;
}

async function versionOf(
  store: EventStore,
  stream: string,
  point: Point,
  by: Timeline | undefined,
): Promise<number> {
  return 'version' in point ? point.version : await store.versionAt(stream, point.ms, by);
}
