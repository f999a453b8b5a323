import { expect } from 'vitest';
import { type GeneratedOrder, generatedOrder } from './generated-orders.ts';
import { appendOrder, type RunningService } from './running-service.ts';

/** Orders that keep arriving, and somebody who reads each of them back at once. */
export interface Traffic {
  /** Orders that arrived and were read back so far. */
  readonly seen: () => number;
  /** Ends it; throws what went wrong. */
  end(): Promise<void>;
}

/** Writes to one instance, and asks all of them in turn. */
export function startTraffic(instances: readonly RunningService[], firstSeed: number): Traffic {
  let ended = false;
  let seen = 0;
  async function run(): Promise<void> {
    for (let seed = firstSeed; !ended; seed += 1) {
      const service = instances[seed % instances.length];
      if (service !== undefined) await readBack(service, generatedOrder(seed, 4));
      seen += 1;
    }
  }
  const running = run();
  // told by `end`
  running.catch(() => undefined);
  return {
    seen: () => seen,
    end: async () => {
      ended = true;
      await running;
    },
  };
}

async function readBack(service: RunningService, order: GeneratedOrder): Promise<void> {
  const eventId = (await appendOrder(service.store, order)).at(-1);
  const query = `/api/queries/orders?orderId=${order.orderId}&wait_for=${eventId}&timeout_ms=20000`;
  const { status, body } = await service.get<{ data: { version: number } }>(query);
  expect(status, JSON.stringify(body)).toBe(200);
  expect(body.data.version).toBe(order.events.length);
}

/** Appends about so many events, whole orders at once. */
export async function appendMany(
  { store }: RunningService,
  count: number,
  firstSeed: number,
): Promise<readonly GeneratedOrder[]> {
  const orders: GeneratedOrder[] = [];
  for (let seed = firstSeed, events = 0; events < count; ) {
    const batch = Array.from({ length: 50 }, (_, i) => generatedOrder(seed + i));
    seed += batch.length;
    await Promise.all(
      batch.map(({ stream, events: all }) =>
        store.append(
          stream,
          all.map(({ type, data, occurredAt }) => ({ type, data, occurredAt })),
        ),
      ),
    );
    for (const order of batch) events += order.events.length;
    orders.push(...batch);
  }
  return orders;
}
