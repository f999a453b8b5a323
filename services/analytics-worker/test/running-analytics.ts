import type { Consumer, DeliveryPolicy } from '@headrace/consumer';
import { type EventStore, openEventStore } from '@headrace/event-store';
import type { Database } from '@headrace/postgres';
import { createLogger, type HttpApp } from '@headrace/service-kit';
import { shopRegistry } from '@headrace/shop';
import { eventually, type TestPostgres, type TestRedis } from '@headrace/test-kit';
import { expect } from 'vitest';
import { buildApp } from '../src/app.ts';
import { createAnalyticsConsumer, createAnalyticsDatabase } from '../src/consumer.ts';
import type { AnalyticsTables } from '../src/tables/tables.ts';

export const NOW_MS = Date.parse('2026-01-02T03:04:05Z');

/** A running service, with several instances of its consumer, in this process. */
export interface RunningAnalytics {
  readonly store: EventStore;
  readonly database: Database<AnalyticsTables>;
  readonly app: HttpApp;
  /** The parsed answer; fails when it is not 200. */
  ask(url: string): Promise<Record<string, unknown>>;
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

export async function openStore(redis: TestRedis, partitions = 4): Promise<EventStore> {
  return await openEventStore({
    redisUrl: redis.url,
    prefix: redis.prefix,
    partitions,
    registry: shopRegistry,
    durability: 'memory',
  });
}

export async function runAnalytics(
  redis: TestRedis,
  postgres: TestPostgres,
  options: { readonly instances?: number; readonly policy?: Partial<DeliveryPolicy> } = {},
): Promise<RunningAnalytics> {
  const store = await openStore(redis);
  const database = createAnalyticsDatabase({ url: postgres.url, schema: postgres.schema });
  await database.migrate();
  const consumers = Array.from({ length: options.instances ?? 1 }, (_, index) =>
    createAnalyticsConsumer(database, {
      store,
      instance: `instance-${index}`,
      leaseMs: 1_000,
      policy: { retryBaseMs: 5, ...options.policy },
    }),
  );
  const app = await buildApp({
    store,
    database,
    consumers: consumers.map(({ admin }) => admin),
    now: () => NOW_MS,
    logger: createLogger({ service: 'analytics-worker', instance: 'test', level: 'silent' }),
    processMetrics: false,
    verifyResponses: true,
  });
  for (const consumer of consumers) consumer.start();
  return {
    store,
    database,
    app,
    ask: async (url) => {
      const response = await app.inject({ url });
      expect(response.statusCode, response.body).toBe(200);
      return response.json();
    },
    caughtUp: () => caughtUp(store, consumers),
    stop: async () => {
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      await app.close();
      await database.close();
      await store.close();
    },
  };
}

async function caughtUp(store: EventStore, consumers: readonly Consumer[]): Promise<void> {
  await eventually(
    async () => {
      const states = await Promise.all(consumers.map(({ admin }) => admin.status()));
      const partitions = states.flatMap((state) => state.partitions);
      expect(partitions).toHaveLength(store.partitions);
      expect(partitions.every(({ state, lagEvents }) => state === 'idle' && lagEvents === 0)).toBe(true);
    },
    { what: 'handling the whole log', timeoutMs: 25_000 },
  );
}
