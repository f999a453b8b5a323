import { createEventStore, type EventStore } from '@headrace/event-store';
import type { Database } from '@headrace/postgres';
import { createLogger, type HttpApp } from '@headrace/service-kit';
import { shopRegistry } from '@headrace/shop';
import { eventually } from '@headrace/test-kit';
import { expect } from 'vitest';
import { buildApp } from '../src/app.ts';
import { createReadModelRunner, createReadModels, prepareReadModels } from '../src/consumers.ts';
import type { GeneratedOrder } from './generated-orders.ts';

export interface RunningOptions {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly postgresUrl: string;
  readonly schema: string;
  readonly partitions?: number;
  readonly instance?: string;
  readonly pollMs?: number;
}

export interface RunningService {
  readonly app: HttpApp;
  readonly store: EventStore;
  readonly database: Database<unknown>;
  /** The answer's status and JSON. */
  get<Body = Problem>(path: string): Promise<Answer<Body>>;
  send<Body = Problem>(
    method: 'POST' | 'DELETE',
    path: string,
    payload?: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer<Body>>;
  /** Lets it notice what another instance was asked for; what is to stand still does so afterwards. */
  refresh(): Promise<void>;
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
  const { redisUrl, prefix, postgresUrl, schema, partitions = 4, instance = 'test' } = options;
  const logger = createLogger({ service: 'projection-service', instance, level: 'silent' });
  const store = createEventStore({
    redisUrl,
    registry: shopRegistry,
    prefix,
    partitions,
    durability: 'memory',
  });
  const database = createReadModels({ url: postgresUrl, schema });
  const consumer = { store, instance, leaseMs: 2_000 };
  const runner = createReadModelRunner({ database, consumer, pollMs: options.pollMs ?? 1_000 });
  await store.open();
  await prepareReadModels(database);
  const app = await buildApp({
    store,
    database,
    runner,
    logger,
    processMetrics: false,
    verifyResponses: true,
  });
  runner.start();
  async function answerOf<Body>(
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    payload?: object,
    given: Readonly<Record<string, string>> = {},
  ): Promise<Answer<Body>> {
    const { statusCode, headers, body } = await app.inject({
      method,
      url,
      headers: given,
      ...(payload === undefined ? {} : { payload }),
    });
    return { status: statusCode, body: JSON.parse(body), headers };
  }
  return {
    app,
    store,
    database,
    get: (url) => answerOf('GET', url),
    send: (method, url, payload, headers) => answerOf(method, url, payload, headers),
    refresh: () => runner.refresh(),
    stop: async () => {
      await app.close();
      await runner.stop();
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
  const everywhere = async (): Promise<void> => {
    const { body } = await service.get<{ data: readonly { lag: number }[] }>('/api/projections');
    expect(body.data.map(({ lag }) => lag)).toEqual(body.data.map(() => 0));
  };
  await eventually(everywhere, { timeoutMs: 40_000 });
}
