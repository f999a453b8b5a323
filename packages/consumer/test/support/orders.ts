import { randomUUID } from 'node:crypto';
import { type EventStore, openEventStore } from '@headrace/event-store';
import { useRedis } from '@headrace/test-kit';
import { afterAll, beforeAll } from 'vitest';
import { orderRegistry } from './order-registry.ts';

/** A store on a log of its own, open from the first `beforeAll` on. */
export function useStore(partitions = 4): {
  readonly url: string;
  readonly prefix: string;
  readonly store: () => EventStore;
} {
  const { url, prefix } = useRedis();
  let store: EventStore | undefined;
  beforeAll(async () => {
    store = await openEventStore({
      redisUrl: url,
      prefix,
      partitions,
      registry: orderRegistry,
      durability: 'memory',
    });
  });
  afterAll(() => store?.close());
  return {
    url,
    prefix,
    store: () => {
      if (store === undefined) throw new Error('the store is not open yet');
      return store;
    },
  };
}

export function newOrder(): string {
  return `order:${randomUUID()}`;
}

/** An order stream on the given partition. */
export function orderOn(store: EventStore, partition: number): string {
  for (;;) {
    const stream = newOrder();
    if (store.keys.partitionOf(stream) === partition) return stream;
  }
}

/** Appends events of 100,000 characters each to a stream; returns their ids. */
export async function sayMuch(store: EventStore, stream: string, count: number): Promise<readonly string[]> {
  const event = { type: 'Noted', data: { text: 'x'.repeat(100_000) } };
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1) ids.push(...(await store.append(stream, [event])).positions);
  return ids;
}

/** Appends events to a stream that carry a text for the handler to act on; returns their ids. */
export async function say(
  store: EventStore,
  stream: string,
  ...texts: readonly string[]
): Promise<readonly string[]> {
  const events = texts.map((signature) => ({
    type: 'OrderDelivered',
    data: { orderId: stream.slice('order:'.length), userId: 'ann', signature },
  }));
  const { positions } = await store.append(stream, events);
  return positions;
}

/** What `say` said. */
export function textOf(event: { readonly data: unknown }): string {
  return String((event.data as { signature?: unknown }).signature);
}
