import type { Decider } from '@headrace/event-schema';
import {
  deterministicId,
  type EventStore,
  type HandleOptions,
  type HandleResult,
  type IdempotentRequest,
} from '@headrace/event-store';
import {
  type HeaderSink,
  markWritten,
  pinnedBy,
  type RequestLike,
  requestContext,
} from '@headrace/service-kit';
import { type OrderEvent, type OrderState, orderFold, orderStream } from '@headrace/shop';
import type { CreateDraft, OrderCommand, PlaceOrder } from '../domain/orders/commands.ts';
import { orderDecider } from '../domain/orders/decide.ts';
import { OrderNotFoundError } from '../domain/orders/errors.ts';
import { type OrderAnswer, orderAnswer } from '../presentation/order-answer.ts';

export interface WriteDeps {
  readonly store: EventStore;
  /** An id that no order has. */
  readonly newOrderId: () => string;
}

/** The two sides of one HTTP exchange that a write reads and sets headers of. */
export interface Exchange {
  readonly request: RequestLike & {
    readonly method: string;
    readonly params: unknown;
    readonly routeOptions: { readonly url?: string | undefined };
  };
  readonly reply: HeaderSink;
}

export interface Creation<Body> {
  readonly body: Body & Preconditions & { readonly orderId?: string | undefined };
  readonly commandFor: (body: Body, orderId: string) => PlaceOrder | CreateDraft;
}

export interface Change<Body> {
  readonly orderId: string;
  readonly body: Body & Preconditions;
  readonly commandFor: (body: Body, order: OrderState) => OrderCommand;
}

/** What a body may ask of the order before anything is decided. */
export interface Preconditions {
  readonly expectedVersion?: number | undefined;
}

/** Under a key the id comes of the key: a repeat, however late, meets the order that the first request made. */
export async function createOrder<Body>(
  { store, newOrderId }: WriteDeps,
  exchange: Exchange,
  { body, commandFor }: Creation<Body>,
): Promise<OrderAnswer> {
  const options = optionsOf(exchange, body);
  const { idempotency, expectedVersion = 0 } = options;
  const orderId = body.orderId ?? (idempotency === undefined ? newOrderId() : idOf(idempotency));
  const command = commandFor(body, orderId);
  const creates = expectedVersion === 0;
  const result = await store.underKey(idempotency, () =>
    store.handle(orderDecider, orderStream(orderId), command, { ...options, creates }),
  );
  return answer(exchange, result, idempotency);
}

function idOf({ actor, route, key }: IdempotentRequest): string {
  return deterministicId(actor, route, key);
}

/** Carries out a command on an order that is there. */
export async function changeOrder<Body>(
  { store }: WriteDeps,
  exchange: Exchange,
  { orderId, body, commandFor }: Change<Body>,
): Promise<OrderAnswer> {
  const options = optionsOf(exchange, body);
  const asked: Asked = { orderId, commandFor: (order) => commandFor(body, order) };
  const result = await store.underKey(options.idempotency, () =>
    store.handle(askedDecider, orderStream(orderId), asked, options),
  );
  return answer(exchange, result, options.idempotency);
}

interface Asked {
  readonly orderId: string;
  /** Called once the order is known, since an amount without a currency is in the order's. */
  readonly commandFor: (order: OrderState) => OrderCommand;
}

const askedDecider: Decider<Asked, OrderState | null, OrderEvent> = {
  ...orderFold,
  decide: ({ orderId, commandFor }, state) => {
    if (state === null) throw new OrderNotFoundError({ orderId });
    return orderDecider.decide(commandFor(state), state);
  },
};

function optionsOf({ request }: Exchange, body: Preconditions): HandleOptions {
  const { idempotencyKey: key, actor = '', ...origin } = requestContext(request);
  // a precondition is no part of what is asked for: a repeat may leave it out
  const { expectedVersion, ...asked } = body;
  const pinned = pinnedBy(request, expectedVersion);
  const idempotency = { actor, route: routeOf(request), request: { params: request.params, body: asked } };
  return {
    ...origin,
    ...(actor === '' ? {} : { actor }),
    // `If-Match: *` asks for an order that is there, which every change does anyway
    ...(typeof pinned === 'number' ? { expectedVersion: pinned } : {}),
    ...(key === undefined ? {} : { idempotency: { ...idempotency, key } }),
  };
}

/** `POST /orders/:id/payment`: what a key is for. A key sent again after its path was renamed is a new one. */
function routeOf({ method, routeOptions }: Exchange['request']): string {
  return `${method} ${routeOptions.url ?? ''}`;
}

function answer(
  { reply }: Exchange,
  result: HandleResult<OrderState | null>,
  idempotency: IdempotentRequest | undefined,
): OrderAnswer {
  markWritten(reply, result, idempotency);
  return orderAnswer(result);
}
