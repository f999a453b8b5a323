import { headraceRegistry } from '@headrace/event-schema';
import { createEventStore, type EventStore } from '@headrace/event-store';
import { createLogger, type HttpApp } from '@headrace/service-kit';
import { eventually } from '@headrace/test-kit';
import { expect } from 'vitest';
import { buildApp } from '../src/app.ts';
import { createProjectionConsumers, createReadModels, prepareReadModels } from '../src/consumers.ts';
import type { GeneratedOrder } from './generated-orders.ts';

export interface RunningOptions {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly postgresUrl: string;
  readonly schema: string;
  readonly partitions?: number;
}

export interface RunningService {
  readonly app: HttpApp;
  readonly store: EventStore;
  /** The answer's status and JSON. */
  get<Body = Problem>(path: string): Promise<Answer<Body>>;
  stop(): Promise<void>;
}

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Body;
}

/** What most tests look at in an answer that they expect to be a problem. */
export interface Problem {
  readonly type: string;
  readonly detail: string;
  readonly [member: string]: unknown;
}

/** The service as `main.ts` wires it, with its consumers, but without a port. */
export async function runProjectionService(options: RunningOptions): Promise<RunningService> {
  const { redisUrl, prefix, postgresUrl, schema, partitions = 4 } = options;
  const logger = createLogger({ service: 'projection-service', instance: 'test', level: 'silent' });
  const store = createEventStore({
    redisUrl,
    registry: headraceRegistry,
    prefix,
    partitions,
    durability: 'memory',
  });
  const database = createReadModels({ url: postgresUrl, schema });
  const consumers = createProjectionConsumers(database, { store, instance: 'test', leaseMs: 2_000 });
  await store.open();
  await prepareReadModels(database);
  const admins = consumers.map(({ admin }) => admin);
  const app = await buildApp({
    store,
    database,
    consumers: admins,
    logger,
    processMetrics: false,
    verifyResponses: true,
  });
  for (const consumer of consumers) consumer.start();
  return {
    app,
    store,
    get: async (url) => {
      const { statusCode, headers, body } = await app.inject({ url });
      return { status: statusCode, body: JSON.parse(body), headers };
    },
    stop: async () => {
      await app.close();
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      await database.close();
      await store.close();
    },
  };
}

/** Appends a generated history event by event; the positions that they got. */
export async function appendOrder(store: EventStore, order: GeneratedOrder): Promise<readonly string[]> {
  const positions: string[] = [];
  for (const { type, data, occurredAt } of order.events) {
    const appended = await store.append(order.stream, [{ type, data, occurredAt }]);
    positions.push(...appended.positions);
  }
  return positions;
}

/** Waits until every projection has handled the whole log. */
export async function caughtUp(service: RunningService): Promise<void> {
  await eventually(async () => {
    const { body } = await service.get<{ data: readonly { lag: number }[] }>('/api/projections');
    expect(body.data.map(({ lag }) => lag)).toEqual([0, 0, 0]);
  });
}
