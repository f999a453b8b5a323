import { randomUUID } from 'node:crypto';
import type { EventEnvelope } from '@headrace/event-schema';
import { afterAll, beforeAll } from 'vitest';
import type { EventStore, EventStoreOptions, IdempotentRequest } from '../../src/index.ts';
import { counterRegistry } from './counter.ts';

/** Opens a store on a log of its own, unless `prefix` names the log. The suite closes it. */
export type OpenStore = (
  options: Partial<EventStoreOptions> & Pick<EventStoreOptions, 'registry'>,
) => Promise<EventStore>;

/** A store for the tests of one `describe`; open from its first `beforeAll` on. */
export function useStore(openStore: OpenStore, options: Partial<EventStoreOptions> = {}): () => EventStore {
  let store: EventStore | undefined;
  beforeAll(async () => {
    store = await openStore({ registry: counterRegistry, ...options });
  });
  afterAll(() => store?.close());
  return () => {
    if (store === undefined) throw new Error('the store is not open yet');
    return store;
  };
}

export function prefixOf(store: EventStore): string {
  return store.keys.meta.replace(/:meta$/, '');
}

export function newStream(): string {
  return `counter:${randomUUID()}`;
}

/** A new stream's name that lives on the given partition. */
export function streamOn(store: EventStore, partition: number): string {
  for (;;) {
    const stream = newStream();
    if (store.keys.partitionOf(stream) === partition) return stream;
  }
}

export function keyed(key: string, request: unknown = { by: 1 }, ttlS?: number): IdempotentRequest {
  return { key, actor: 'ann', route: 'add', request, ...(ttlS === undefined ? {} : { ttlS }) };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export async function versionsOf(events: AsyncIterable<EventEnvelope>): Promise<number[]> {
  return (await collect(events)).map((event) => event.version);
}

/** Number of entries in the partition that holds `stream`. */
export async function logLength(store: EventStore, stream: string): Promise<number> {
  return await store.redis.xlen(store.keys.log(store.keys.partitionOf(stream)));
}

/** What `work` throws; an error when it does not. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('expected a refusal, but it was done');
}

/** Writes an entry into the log only, as with redis-cli. */
export async function addByHand(
  store: EventStore,
  partition: number,
  fields: Readonly<Record<string, string>>,
): Promise<string> {
  const id = await store.redis.xadd(store.keys.log(partition), '*', ...Object.entries(fields).flat());
  return `${partition}-${String(id)}`;
}

export function byHand(stream: string, version: number, by: number): Record<string, string> {
  return {
    stream,
    version: String(version),
    type: 'CounterAdded',
    schema: '1',
    data: JSON.stringify({ by }),
    meta: '{}',
  };
}
