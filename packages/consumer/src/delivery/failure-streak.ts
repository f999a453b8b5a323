import type { DeadLetter } from '../dead-letters/dead-letter.ts';
import { PoisonError } from '../errors.ts';
import type { DeliveryPolicy } from './delivery-policy.ts';
import { kindOf } from './failures.ts';

/** Tells poison from an outage: many streams failing, and none succeeding meanwhile, is an outage. */
export class FailureStreak {
  readonly #policy: DeliveryPolicy;
  readonly #failing = new Set<string>();
  #successes = 0;
  #quietUntil = Number.NEGATIVE_INFINITY;

  constructor(policy: DeliveryPolicy) {
    this.#policy = policy;
  }

  /** @returns whether it ends an outage; at most once within `retryCapMs`: some may fail while others go on working */
  success(): boolean {
    const now = performance.now();
    const endsOutage = this.#isSystemic() && now >= this.#quietUntil;
    if (endsOutage) this.#quietUntil = now + this.#policy.retryCapMs;
    this.#successes += 1;
    this.#failing.clear();
    return endsOutage;
  }

  failure(stream: string): void {
    this.#failing.add(stream);
  }

  /** For `isOutage`, to ask later about what has happened since. */
  mark(): number {
    return this.#successes;
  }

  /** Whether so many streams fail, none having succeeded since the mark, that no single one can be the cause. */
  isOutage(mark: number): boolean {
    return this.#successes === mark && this.#isSystemic();
  }

  /**
   * Whether the failure of a parked event may pass: a transient one; and where it was deferred or waited behind a
   * deferred event, one of an outage, which lasts until something succeeds.
   */
  mayPass(parkedAs: DeadLetter['cause'], error: unknown): boolean {
    if (kindOf(error) === 'transient') return true;
    if (error instanceof PoisonError || (parkedAs !== 'deferred' && parkedAs !== 'blocked')) return false;
    return this.#successes === 0 || this.#isSystemic();
  }

  #isSystemic(): boolean {
    return this.#failing.size >= this.#policy.systemicStreams;
  }
}
