import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../plan/random.ts';
import { liveThrough } from './life-cycles.ts';
import { type Client, createClient } from './requests.ts';

export interface LoadOptions {
  readonly urls: readonly string[];
  readonly seed: number;
  readonly seconds: number;
  /** New orders a second. */
  readonly rate: number;
}

export interface Load {
  readonly client: Client;
  /** Resolves when all orders have come to their end. */
  readonly finished: Promise<void>;
}

/** How long requests are repeated after the last order was begun. */
const PATIENCE_MS = 30_000;

/** Begins orders at a steady rate, whatever becomes of those before. */
export function startLoad({ urls, seed, seconds, rate }: LoadOptions): Load {
  const random = createRandom(seed + 1);
  const endsAt = performance.now() + seconds * 1_000;
  const client = createClient(urls, () => performance.now() < endsAt + PATIENCE_MS);
  const run = async (): Promise<void> => {
    const orders: Promise<void>[] = [];
    for (let number = 0; performance.now() < endsAt; number += 1) {
      // an order's own choices do not depend on how fast the others go
      const own = createRandom(random.between(0, 2 ** 31));
      orders.push(liveThrough(client, own, `order-${seed}-${number}`));
      await sleep(1_000 / rate);
    }
    await Promise.all(orders);
  };
  return { client, finished: run() };
}
