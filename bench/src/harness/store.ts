import { createRegistry } from '@headrace/event-schema';
import { type EventStore, openEventStore } from '@headrace/event-store';
import type { Bench } from './bench.ts';
import { keepInFlight } from './load.ts';
import { EVENT_TYPE, newStream, orderData } from './payload.ts';

const EVENTS_A_STREAM = 5;
const PAGE = 100;

/** A store on the benchmark's Redis, to which every event type is as good as any other. */
export function openBenchStore({ redis }: Pick<Bench, 'redis'>): Promise<EventStore> {
  return openEventStore({ redisUrl: redis.url, registry: createRegistry([]) });
}

/** Events in streams of five, over all partitions. */
export async function fillLog(store: EventStore, total: number): Promise<void> {
  await keepInFlight(64, total / EVENTS_A_STREAM, (i) => {
    const data = orderData(i);
    return store.append(
      newStream(),
      Array.from({ length: EVENTS_A_STREAM }, () => ({ type: EVENT_TYPE, data })),
    );
  });
}

/** Events of one stream. */
export async function fillStream(store: EventStore, stream: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += PAGE) {
    const events = Array.from({ length: Math.min(PAGE, count - from) }, (_, i) => ({
      type: EVENT_TYPE,
      data: orderData(from + i),
    }));
    await store.append(stream, events);
  }
}
