import type { DeadLetter } from '../dead-letters/dead-letter.ts';
import { PoisonError } from '../errors.ts';
import type { DeliveryPolicy } from './delivery-policy.ts';
import { kindOf } from './failure-kind.ts';

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

  /** Whether nothing has succeeded since the mark and so many streams fail that no single one can be the cause. */
  isOutage(mark: number): boolean {
    return this.#successes === mark && this.#isSystemic();
  }

  /**
   * Whether the failure of a parked event may pass by itself. Yes for a transient one. Also yes if the event was parked
   * as `deferred` or `blocked` and there seems to be an outage: nothing has succeeded yet in this session, or many
   * streams fail. Never for a PoisonError.
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
