import { type OrderState, orderFold, orderStream } from '@headrace/event-schema';
import { type EventStore, type Loaded, VersionBeyondEndError } from '@headrace/event-store';
import { type HttpApp, responses, setEntityTag } from '@headrace/service-kit';
import { z } from 'zod';
import { OrderNotFoundError } from '../domain/orders/errors.ts';
import { orderEventSchema, type PresentedEvent, presentEvent } from '../presentation/present-event.ts';
import { orderSchema, presentOrder } from '../presentation/present-order.ts';
import { orderPath } from '../requests/fields.ts';
import { historyQuery, type Point, pointOf, rangeOf, stateQuery } from '../requests/time-travel.ts';
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
      const { state, version } = await orderAt(store, id, pointOf(request.query));
      if (state === null) throw new OrderNotFoundError(id);
      setEntityTag(reply, version);
      return presentOrder(state, version);
    },
  );
}

async function orderAt(
  store: EventStore,
  orderId: string,
  point: Point | undefined,
): Promise<Loaded<OrderState | null>> {
  const stream = orderStream(orderId);
  if (point === undefined) return await store.load(orderFold, stream);
  const version = 'version' in point ? point.version : await store.versionAt(stream, point.ms);
  try {
    return await store.load(orderFold, stream, { version });
  } catch (error) {
    if (error instanceof VersionBeyondEndError && error.current === 0) throw new OrderNotFoundError(orderId);
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
        params: orderPath,
        querystring: historyQuery,
        response: responses({ 200: z.array(orderEventSchema) }, 400, 404, 503),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const stream = orderStream(id);
      const version = await store.streamVersion(stream);
      if (version === 0) throw new OrderNotFoundError(id);
      const events: PresentedEvent[] = [];
      for await (const event of store.readStream(stream, rangeOf(request.query))) {
        events.push(presentEvent(event));
      }
      setEntityTag(reply, version);
      return events;
    },
  );
}
