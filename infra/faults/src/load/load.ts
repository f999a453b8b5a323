import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, type Random } from '../plan/random.ts';
import { type ApiUrls, Client } from './client.ts';
import { runAccountOrUser } from './run-account-or-user.ts';
import { runOrder } from './run-order.ts';

export interface LoadOptions {
  readonly urls: ApiUrls;
  readonly seed: number;
  readonly seconds: number;
  /** New orders a second. */
  readonly rate: number;
}

export interface Load {
  readonly client: Client;
  /** Resolves when the last request about an order, account or user has been answered. */
  readonly finished: Promise<void>;
}

/** How long requests are repeated after the last order was begun. */
const REPEAT_MS = 30_000;

/** Orders that are begun for each account or user. */
const ORDERS_A_CUSTOMER = 5;

/** Begins orders, accounts and users at a steady rate, however long earlier ones take. */
export function startLoad({ urls, seed, seconds, rate }: LoadOptions): Load {
  const random = createRandom(seed + 1);
  const endsAt = performance.now() + seconds * 1_000;
  const client = new Client(urls, () => performance.now() < endsAt + REPEAT_MS);
  const run = async (): Promise<void> => {
    const running: Promise<void>[] = [];
    for (let number = 0; performance.now() < endsAt; number += 1) {
      // The choices for one do not depend on how fast the others go.
      const own = (): Random => createRandom(random.between(0, 2 ** 31));
      running.push(runOrder(client, own(), `order-${seed}-${number}`));
      if (number % ORDERS_A_CUSTOMER === 0)
        running.push(runAccountOrUser(client, own(), `${seed}-${number}`));
      await sleep(1_000 / rate);
    }
    await Promise.all(running);
  };
  return { client, finished: run() };
}
