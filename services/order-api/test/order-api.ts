import { randomUUID } from 'node:crypto';
import type { EventEnvelope } from '@headrace/event-schema';
import { createEventStore, type EventStore, type EventStoreOptions } from '@headrace/event-store';
import { createLogger, type HttpApp } from '@headrace/service-kit';
import { orderStream, shopRegistry } from '@headrace/shop';
import { useRedis } from '@headrace/test-kit';
import { afterAll, beforeAll } from 'vitest';
import { buildApp, type OrderApiDeps } from '../src/app.ts';

export type Headers = Readonly<Record<string, string>>;

/** What came back: `json` is the parsed body. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into any answer
  readonly json: any;
}

export interface OrderApi {
  readonly app: HttpApp;
  readonly store: EventStore;
  send(method: 'GET' | 'POST' | 'DELETE', url: string, body?: unknown, headers?: Headers): Promise<Answer>;
  get(url: string): Promise<Answer>;
  post(url: string, body?: unknown, headers?: Headers): Promise<Answer>;
  /** An order led to a status by the API itself; its id. */
  order(status: OrderStage, overrides?: object): Promise<string>;
  events(orderId: string): Promise<EventEnvelope[]>;
  /** Events in the whole log. */
  logLength(): Promise<number>;
}

export type OrderStage = 'draft' | 'placed' | 'paid' | 'shipped' | 'delivered' | 'cancelled' | 'refunded';

/** The example that every document shows. */
export const MACBOOK = {
  userId: 'user789',
  items: [{ id: 'item1', name: 'MacBook Pro' }],
  amount: 2499.99,
  email: 'user@example.com',
} as const;

export const PAYMENT = { paymentMethod: 'credit_card', amount: 2499.99 } as const;
export const SHIPMENT = { carrier: 'UPS', trackingNumber: '1Z999' } as const;
export const CANCELLATION = { reason: 'changed my mind', userId: 'user789' } as const;

/** The steps that lead a placed order to a stage. */
const STEPS: Readonly<Record<Exclude<OrderStage, 'draft'>, readonly (readonly [string, object])[]>> = {
  placed: [],
  paid: [['payment', PAYMENT]],
  shipped: [
    ['payment', PAYMENT],
    ['ship', SHIPMENT],
  ],
  delivered: [
    ['payment', PAYMENT],
    ['ship', SHIPMENT],
    ['deliver', {}],
  ],
  cancelled: [['cancel', CANCELLATION]],
  refunded: [
    ['payment', PAYMENT],
    ['refund', { amount: PAYMENT.amount, reason: 'broken' }],
  ],
};

const logger = createLogger({ service: 'order-api', instance: 'test', level: 'silent' });

/** Builds the API on a store that is open; closes both when the tests of this scope are over. */
export async function orderApiOn(store: EventStore, http: Partial<OrderApiDeps> = {}): Promise<OrderApi> {
  const app = await buildApp({
    store,
    newOrderId: randomUUID,
    consumers: [],
    logger,
    processMetrics: false,
    verifyResponses: true,
    ...http,
  });
  const send: OrderApi['send'] = async (method, url, body, headers = {}) => {
    const payload = body === undefined ? {} : { payload: body as object };
    const response = await app.inject({ method, url, headers: { ...headers }, ...payload });
    const json = response.body === '' ? undefined : response.json();
    return { status: response.statusCode, headers: response.headers, json };
  };
  const post: OrderApi['post'] = (url, body, headers) => send('POST', url, body, headers);
  return {
    app,
    store,
    send,
    post,
    get: (url) => send('GET', url),
    order: (stage, overrides = {}) => orderIn(post, stage, overrides),
    events: async (orderId) => {
      const events: EventEnvelope[] = [];
      for await (const event of store.readStream(orderStream(orderId))) events.push(event);
      return events;
    },
    logLength: async () => {
      const logs = Array.from({ length: store.partitions }, (_, partition) => store.keys.log(partition));
      const lengths = await Promise.all(logs.map((log) => store.redis.xlen(log)));
      return lengths.reduce((sum, length) => sum + length, 0);
    },
  };
}

async function orderIn(post: OrderApi['post'], stage: OrderStage, overrides: object): Promise<string> {
  const path = stage === 'draft' ? '/orders/drafts' : '/orders';
  const body = stage === 'draft' ? { userId: 'user789' } : MACBOOK;
  const { orderId } = required(await post(path, { ...body, ...overrides })).json;
  for (const [action, change] of stage === 'draft' ? [] : STEPS[stage]) {
    required(await post(`/orders/${orderId}/${action}`, change));
  }
  return orderId;
}

function required(answer: Answer): Answer {
  if (answer.status >= 300) throw new Error(`setting the scene failed: ${JSON.stringify(answer.json)}`);
  return answer;
}

/** The API on the run's Redis, under a prefix of its own. */
export function useOrderApi(options: Partial<EventStoreOptions> = {}, http: Partial<OrderApiDeps> = {}) {
  const { url, prefix } = useRedis();
  let api: OrderApi | undefined;
  beforeAll(async () => {
    const store = createEventStore({ redisUrl: url, prefix, registry: shopRegistry, ...options });
    await store.open();
    api = await orderApiOn(store, http);
  });
  afterAll(async () => {
    await api?.app.close();
    await api?.store.close();
  });
  return {
    url,
    prefix,
    api: (): OrderApi => {
      if (api === undefined) throw new Error('the API is there once the tests run');
      return api;
    },
  };
}
