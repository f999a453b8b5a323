import {
  CategoryMismatchError,
  ContractViolationError,
  InvalidPositionError,
  InvalidStreamNameError,
  UnregisteredTypeError,
} from '@headrace/event-schema';
import {
  AppendTooLargeError,
  ContradictsHistoryError,
  IdempotencyKeyReusedError,
  InvalidAppendError,
  WrongExpectedVersionError,
} from './append-errors.ts';

/**
 * How an append ended. `repeated`: it had been done before. `conflict`: the stream was at another version; `handle` then
 * decides again. `refused`: the append itself was wrong. `failed`: the store could not do it, or not confirm it.
 */
export type AppendOutcome = 'appended' | 'repeated' | 'conflict' | 'refused' | 'failed';

/** Upper bounds of the buckets, s. */
const BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Counts of a store's appends since it was created. */
export interface AppendStats {
  readonly outcomes: Readonly<Record<AppendOutcome, number>>;
  readonly events: number;
  /** Times of the appends that ended as `appended`, from the call to the declared durability. */
  readonly durations: {
    readonly bucketsSeconds: readonly number[];
    /** Number in each bucket, not cumulative; those above the last bucket are in `count` only. */
    readonly inBucket: readonly number[];
    readonly count: number;
    readonly sumSeconds: number;
  };
}

/** Counts appends; cheap enough for each of them. */
export class AppendMeter {
  readonly #outcomes: Record<AppendOutcome, number> = {
    appended: 0,
    repeated: 0,
    conflict: 0,
    refused: 0,
    failed: 0,
  };
  readonly #inBucket = BUCKETS_SECONDS.map(() => 0);
  #events = 0;
  #sumSeconds = 0;

  done(replayed: boolean, events: number, seconds: number): void {
    if (replayed) {
      this.#outcomes.repeated += 1;
      return;
    }
    this.#outcomes.appended += 1;
    this.#events += events;
    this.#sumSeconds += seconds;
    const bucket = BUCKETS_SECONDS.findIndex((bound) => seconds <= bound);
    if (bucket !== -1) this.#inBucket[bucket] = (this.#inBucket[bucket] ?? 0) + 1;
  }

  failed(error: unknown): void {
    this.#outcomes[outcomeOf(error)] += 1;
  }

  stats(): AppendStats {
    return {
      outcomes: { ...this.#outcomes },
      events: this.#events,
      durations: {
        bucketsSeconds: BUCKETS_SECONDS,
        inBucket: [...this.#inBucket],
        count: this.#outcomes.appended,
        sumSeconds: this.#sumSeconds,
      },
    };
  }
}

/** Failures that are the request's fault. */
const REFUSALS = [
  AppendTooLargeError,
  CategoryMismatchError,
  ContractViolationError,
  ContradictsHistoryError,
  IdempotencyKeyReusedError,
  InvalidAppendError,
  InvalidPositionError,
  InvalidStreamNameError,
  UnregisteredTypeError,
];

function outcomeOf(error: unknown): AppendOutcome {
  if (error instanceof WrongExpectedVersionError) return 'conflict';
  return REFUSALS.some((refusal) => error instanceof refusal) ? 'refused' : 'failed';
}
