import type { DeadLetter } from '../status.ts';
import { kindOf, PoisonError } from './failures.ts';
import type { DeliveryPolicy } from './policy.ts';

/** Tells poison from an outage: many streams failing, none succeeding meanwhile, is an outage. */
export interface FailureStreak {
  /** @returns whether it ends what was taken for an outage; not soon again: some may fail while others go on working */
  success(): boolean;
  failure(stream: string): void;
  /** To ask later about what has happened since. */
  mark(): number;
  /** True when so many streams are failing, none having succeeded since the mark, that no single one can be the cause. */
  isOutage(mark: number): boolean;
  /**
   * Whether the failure of what is parked already is one that may pass: a transient one; and of what was deferred
   * before, or waited behind that, one of an outage, which lasts until something succeeds.
   */
  mayPass(parkedAs: DeadLetter['cause'], error: unknown): boolean;
}

export function createFailureStreak({ systemicStreams, retryCapMs }: DeliveryPolicy): FailureStreak {
  const failing = new Set<string>();
  let successes = 0;
  let quietUntil = Number.NEGATIVE_INFINITY;
  return {
    success: () => {
      const now = performance.now();
      const wasOutage = failing.size >= systemicStreams && now >= quietUntil;
      if (wasOutage) quietUntil = now + retryCapMs;
      successes += 1;
      failing.clear();
      return wasOutage;
    },
    failure: (stream) => void failing.add(stream),
    mark: () => successes,
    mayPass: (parkedAs, error) =>
      kindOf(error) === 'transient' ||
      ((parkedAs === 'deferred' || parkedAs === 'blocked') &&
        !(error instanceof PoisonError) &&
        (successes === 0 || failing.size >= systemicStreams)),
    isOutage: (mark) => successes === mark && failing.size >= systemicStreams,
  };
}
