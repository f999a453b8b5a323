/** Low, middle and high of repeated rounds. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** What one contender did in the rounds of a row. */
export interface Measured {
  readonly name: string;
  /** In the row's unit, of the rounds that count. */
  readonly value: Spread;
  /** Of single operations, ms; where the row is about many of them. */
  readonly latencyMs?: { readonly p50: number; readonly p99: number };
}

/** One line of the target table: what was measured, and what was wanted. */
export interface Verdict {
  /** Such as `× two unchecked XADDs` or `p99 ms`. */
  readonly of: string;
  readonly got: number;
  readonly wanted: { readonly atLeast: number } | { readonly atMost: number };
}

export function isMet({ got, wanted }: Verdict): boolean {
  return 'atLeast' in wanted ? got >= wanted.atLeast : got <= wanted.atMost;
}

/** One row of the result table. */
export interface Row {
  /** Unique in a run, such as `append, 64 in flight`. */
  readonly title: string;
  /** Such as `events/s` or `ms`. */
  readonly unit: string;
  /** The first is Headrace. */
  readonly measured: readonly Measured[];
  readonly verdicts: readonly Verdict[];
  /** A sentence on how it was measured, where the title does not say it. */
  readonly note?: string;
}

export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Chart {
  readonly title: string;
  readonly x: { readonly label: string; readonly scale: 'linear' | 'log' };
  readonly y: { readonly label: string; readonly scale: 'linear' | 'log' };
  readonly series: readonly Series[];
}

export interface ScenarioResult {
  readonly rows: readonly Row[];
  readonly charts?: readonly Chart[];
}

/** Everything that one run of the benchmark found. */
export interface Results {
  /** ISO 8601. */
  readonly startedAt: string;
  readonly minutes: number;
  /** Name to value, such as `CPU` to `2 × …`, `Redis` to `7.0.15`. */
  readonly machine: Readonly<Record<string, string>>;
  readonly scenarios: readonly ({ readonly name: string } & ScenarioResult)[];
}
