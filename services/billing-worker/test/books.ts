import { randomUUID } from 'node:crypto';
import type { EventRegistry } from '@headrace/event-schema';
import { createEventStore, type EventStore } from '@headrace/event-store';
import { createLogger, type HttpApp } from '@headrace/service-kit';
import { type OrderEvent, orderStream, shopRegistry } from '@headrace/shop';
import { eventually } from '@headrace/test-kit';
import { expect } from 'vitest';
import { buildApp } from '../src/app.ts';
import { type BillingWorker, createBillingWorker } from '../src/billing-worker.ts';
import { type BillingDatabase, createBillingDatabase } from '../src/database/billing-database.ts';

export interface Servers {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly databaseUrl: string;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into any answer
  readonly json: any;
}

/** A billing worker in this process, with its API; `close` closes everything. */
export interface Books {
  readonly store: EventStore;
  readonly database: BillingDatabase;
  readonly worker: BillingWorker;
  readonly app: HttpApp;
  get(url: string): Promise<Answer>;
  /** Appends to an order's stream, as the request `request-<orderId>` of clerk-7 would; the ids of the events. */
  append(orderId: string, ...events: readonly OrderEvent[]): Promise<readonly string[]>;
  /** The invoice, once it has this status. */
  invoiceIn(status: string, orderId: string): Promise<Answer['json']>;
  close(): Promise<void>;
}

const logger = createLogger({ service: 'billing-worker', instance: 'test', level: 'silent' });

/** With another registry it lets in what the services do not. */
export function openStore(
  { redisUrl, prefix }: Omit<Servers, 'databaseUrl'>,
  registry: EventRegistry = shopRegistry,
): EventStore {
  return createEventStore({ redisUrl, prefix, registry, partitions: 4 });
}

/** Opens a worker and its API; `start` it through `worker`. */
export async function openBooks(
  servers: Servers,
  deadline: { readonly afterMs?: number } = {},
): Promise<Books> {
  const store = openStore(servers);
  await store.open();
  const database = createBillingDatabase({ url: servers.databaseUrl });
  await database.migrate();
  const worker = createBillingWorker({
    store,
    database,
    instance: `test-${randomUUID().slice(0, 8)}`,
    leaseMs: 1_000,
    deadline,
    now: () => new Date(),
    onError: () => undefined,
  });
  const app = await buildApp({
    store,
    database,
    consumers: [worker.admin],
    logger,
    processMetrics: false,
    verifyResponses: true,
  });
  const get = async (url: string): Promise<Answer> => {
    const response = await app.inject({ url });
    return { status: response.statusCode, json: response.json() };
  };
  return {
    store,
    database,
    worker,
    app,
    get,
    append: async (orderId, ...events) => {
      const meta = { correlationId: `request-${orderId}`, actor: 'clerk-7' };
      return (await store.append(orderStream(orderId), events, meta)).positions;
    },
    invoiceIn: (status, orderId) =>
      eventually(
        async () => {
          const { json } = await get(`/invoices/${orderId}`);
          expect(json).toMatchObject({ orderId, status });
          return json;
        },
        { timeoutMs: 20_000 },
      ),
    close: async () => {
      await worker.stop();
      await app.close();
      await database.close();
      await store.close();
    },
  };
}

export interface QueuedCommand {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly data: unknown;
  readonly meta: Readonly<Record<string, unknown>>;
}

/** What waits in the command queues of category `order`; nobody executes it in these tests. */
export async function queuedCommands(store: EventStore): Promise<readonly QueuedCommand[]> {
  const partitions = Array.from({ length: store.partitions }, (_, partition) => partition);
  const queues = await Promise.all(
    partitions.map((partition) => store.redis.xrange(store.keys.commandQueue(partition, 'order'), '-', '+')),
  );
  return queues.flat().map(([, fields]) => {
    const field = (name: string): string => fields[fields.indexOf(name) + 1] ?? '';
    return {
      id: field('id'),
      type: field('type'),
      stream: field('stream'),
      data: JSON.parse(field('data')),
      meta: JSON.parse(field('meta')),
    };
  });
}
