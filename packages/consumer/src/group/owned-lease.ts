import { runScript } from '@headrace/event-store';
import type { Redis } from 'ioredis';
import { FencedError } from '../errors.ts';
import { scripts } from '../scripts/index.ts';
import type { Lease } from './lease.ts';

/** An owner counts its lease as lost this much sooner than Redis does, as a share of its length. */
const SAFETY_SHARE = 0.15;

/** What an owned lease is made of. */
export interface AcquiredLease {
  readonly redis: Redis;
  readonly partition: number;
  readonly key: string;
  readonly epoch: number;
  /** How long it lasts without renewal, ms. */
  readonly leaseMs: number;
  /** When Redis was asked for it, by `performance.now()`. */
  readonly sentAt: number;
}

/** A lease that this instance has acquired, with the means to renew it and to give it back. */
export class OwnedLease implements Lease {
  readonly partition: number;
  readonly key: string;
  readonly #redis: Redis;
  readonly #leaseMs: number;
  readonly #lost = new AbortController();
  readonly #draining = new AbortController();
  #epoch: number;
  #expiry: NodeJS.Timeout | undefined;

  constructor({ redis, partition, key, epoch, leaseMs, sentAt }: AcquiredLease) {
    this.#redis = redis;
    this.partition = partition;
    this.key = key;
    this.#epoch = epoch;
    this.#leaseMs = leaseMs;
    this.#expireFrom(sentAt);
  }

  get epoch(): number {
    return this.#epoch;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  get draining(): AbortSignal {
    return this.#draining.signal;
  }

  /** Asks the owner to finish what is in flight. */
  drain(): void {
    this.#draining.abort();
  }

  /** @throws FencedError */
  async raiseEpoch(epoch: number): Promise<void> {
    const sentAt = performance.now();
    if ((await this.#renewIn(this.#leaseMs, epoch)) === 'lost') throw new FencedError('raising the epoch');
    this.#epoch = epoch;
    this.#expireFrom(sentAt);
  }

  async renew(): Promise<void> {
    const sentAt = performance.now();
    const epoch = this.#epoch;
    const reply = await this.#renewIn(this.#leaseMs, epoch);
    // raised meanwhile: the answer is about the epoch before
    if (epoch !== this.#epoch) return;
    if (reply === 'lost') this.#lost.abort();
    else if (!this.#lost.signal.aborted) this.#expireFrom(sentAt);
  }

  async giveBack(): Promise<void> {
    clearTimeout(this.#expiry);
    if (this.#lost.signal.aborted) return;
    this.#lost.abort();
    await this.#renewIn(0, this.#epoch);
  }

  /** @param ms 0 gives the lease back */
  async #renewIn(ms: number, epoch: number): Promise<unknown> {
    return await runScript(this.#redis, scripts.renewLease, [this.key], [this.#epoch, ms, epoch]);
  }

  #expireFrom(sentAt: number): void {
    clearTimeout(this.#expiry);
    const deadline = sentAt + this.#leaseMs * (1 - SAFETY_SHARE);
    this.#expiry = setTimeout(() => this.#lost.abort(), Math.max(0, deadline - performance.now()));
  }
}
