import type { EventEnvelope } from '@headrace/event-schema';
import { createEventStore, type EventStore, type EventStoreOptions } from '@headrace/event-store';
import { createLogger, type HttpApp } from '@headrace/service-kit';
import { shopRegistry } from '@headrace/shop';
import { useRedis } from '@headrace/test-kit';
import { afterAll, beforeAll } from 'vitest';
import { buildApp, type EventApiDeps } from '../src/app.ts';

export type Headers = Readonly<Record<string, string>>;

/** What came back: `json` is the parsed body, `data` what a success wraps. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into any answer
  readonly json: any;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into any answer
  readonly data: any;
}

export interface EventApi {
  readonly app: HttpApp;
  readonly store: EventStore;
  get(url: string, headers?: Headers): Promise<Answer>;
  post(url: string, body?: unknown, headers?: Headers): Promise<Answer>;
  command(commandType: string, commandData: object, more?: object, headers?: Headers): Promise<Answer>;
  /** An account with a balance in USD. */
  account(accountId: string, balance: number): Promise<void>;
  events(stream: string): Promise<EventEnvelope[]>;
  /** Events in the whole log. */
  logLength(): Promise<number>;
}

const logger = createLogger({ service: 'event-api', instance: 'test', level: 'silent' });

/** Builds the API on a store that is open; the caller closes both. */
export async function eventApiOn(store: EventStore, deps: Partial<EventApiDeps> = {}): Promise<EventApi> {
  const app = await buildApp({
    store,
    consumers: [],
    now: () => new Date(),
    logger,
    processMetrics: false,
    verifyResponses: true,
    ...deps,
  });
  const send = async (method: 'GET' | 'POST', url: string, body: unknown, headers: Headers) => {
    const payload = body === undefined ? {} : { payload: body as object };
    const response = await app.inject({ method, url, headers: { ...headers }, ...payload });
    const json = response.body === '' ? undefined : response.json();
    return { status: response.statusCode, headers: response.headers, json, data: json?.data };
  };
  const command: EventApi['command'] = (commandType, commandData, more = {}, headers = {}) =>
    send('POST', '/api/commands', { commandType, commandData, ...more }, headers);
  return {
    app,
    store,
    command,
    get: (url, headers = {}) => send('GET', url, undefined, headers),
    post: (url, body, headers = {}) => send('POST', url, body, headers),
    account: async (accountId, balance) => {
      required(await command('OpenAccount', { accountId, owner: 'Ada' }));
      if (balance > 0) required(await command('Deposit', { accountId, amount: balance }));
    },
    events: async (stream) => {
      const events: EventEnvelope[] = [];
      for await (const event of store.readStream(stream)) events.push(event);
      return events;
    },
    logLength: async () => (await store.totals()).events,
  };
}

function required(answer: Answer): void {
  if (answer.status >= 300) throw new Error(`setting the scene failed: ${JSON.stringify(answer.json)}`);
}

/** The API on the run's Redis, under a prefix of its own. */
export function useEventApi(options: Partial<EventStoreOptions> = {}, deps: Partial<EventApiDeps> = {}) {
  const { url, prefix } = useRedis();
  let api: EventApi | undefined;
  beforeAll(async () => {
    const store = createEventStore({ redisUrl: url, prefix, registry: shopRegistry, ...options });
    await store.open();
    api = await eventApiOn(store, deps);
  });
  afterAll(async () => {
    await api?.app.close();
    await api?.store.close();
  });
  return {
    url,
    prefix,
    api: (): EventApi => {
      if (api === undefined) throw new Error('the API is there once the tests run');
      return api;
    },
  };
}
