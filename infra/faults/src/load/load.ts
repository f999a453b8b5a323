import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, type Random } from '../plan/random.ts';
import { bankThrough } from './bank.ts';
import { liveThrough } from './life-cycles.ts';
import { type ApiUrls, type Client, createClient } from './requests.ts';

export interface LoadOptions {
  readonly urls: ApiUrls;
  readonly seed: number;
  readonly seconds: number;
  /** New orders a second. */
  readonly rate: number;
}

export interface Load {
  readonly client: Client;
  /** Resolves when all orders, accounts and users have come to their end. */
  readonly finished: Promise<void>;
}

/** How long requests are repeated after the last order was begun. */
const PATIENCE_MS = 30_000;

/** Orders that are begun for each account or user. */
const ORDERS_A_CUSTOMER = 5;

/** Begins orders, accounts and users at a steady rate, whatever becomes of those before. */
export function startLoad({ urls, seed, seconds, rate }: LoadOptions): Load {
  const random = createRandom(seed + 1);
  const endsAt = performance.now() + seconds * 1_000;
  const client = createClient(urls, () => performance.now() < endsAt + PATIENCE_MS);
  const run = async (): Promise<void> => {
    const lives: Promise<void>[] = [];
    for (let number = 0; performance.now() < endsAt; number += 1) {
      // its own choices do not depend on how fast the others go
      const own = (): Random => createRandom(random.between(0, 2 ** 31));
      lives.push(liveThrough(client, own(), `order-${seed}-${number}`));
      if (number % ORDERS_A_CUSTOMER === 0) lives.push(bankThrough(client, own(), `${seed}-${number}`));
      await sleep(1_000 / rate);
    }
    await Promise.all(lives);
  };
  return { client, finished: run() };
}
