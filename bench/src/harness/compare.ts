import type { Measured, Verdict } from './results.ts';
import { median, p50and99, spread } from './statistics.ts';

/** One run of one contender. */
export interface Sample {
  readonly operations: number;
  readonly seconds: number;
  /** Of single operations, ms. */
  readonly latenciesMs?: readonly number[];
}

/** Headrace, or a peer that does the nearest equivalent on the same servers with the same payload. */
export interface Contender {
  readonly name: string;
  /** Does the work of one round, on data of its own; what prepares it is not in the sample. */
  run(round: number): Promise<Sample>;
  /** Closes its connections; data in the servers is deleted with the servers. */
  close?(): Promise<unknown>;
}

export interface CompareOptions {
  readonly contenders: readonly Contender[];
  /** Rounds that count, after one that does not. */
  readonly rounds: number;
  readonly say: (text: string) => void;
}

export interface Comparison {
  /** Operations a second, in the order of the contenders. */
  readonly measured: readonly Measured[];
  /** Median over the rounds of how often faster the first contender was than the named one in the same round. */
  ratioTo(name: string): number;
  /** The first contender's ratio to another as a line of the target table. */
  atLeast(times: number, name: string): Verdict;
}

/**
 * Lets contenders run in turn, round after round, so that a machine that gets slower gets slower for all of them. The
 * first round warms up and does not count. Closes them at the end.
 */
export async function compare({ contenders, rounds, say }: CompareOptions): Promise<Comparison> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const { name, run } of contenders) {
        const sample = await run(round);
        say(`${round === 0 ? 'warm-up' : `round ${round}`}: ${name} ${Math.round(rate(sample))}/s`);
        if (round > 0) samples.get(name)?.push(sample);
      }
    }
  } finally {
    for (const contender of contenders) await contender.close?.();
  }
  const [first] = contenders;
  const rates = (name: string): number[] => (samples.get(name) ?? []).map(rate);
  const ratioTo = (name: string): number => {
    const others = rates(name);
    return median(rates(first?.name ?? '').map((own, i) => own / (others[i] ?? Number.NaN)));
  };
  return {
    measured: contenders.map(({ name }) => measuredOf(name, samples.get(name) ?? [])),
    ratioTo,
    atLeast: (times, name) => ({ of: `× ${name}`, got: ratioTo(name), wanted: { atLeast: times } }),
  };
}

function measuredOf(name: string, samples: readonly Sample[]): Measured {
  const latencies = samples.flatMap(({ latenciesMs = [] }) => latenciesMs);
  return {
    name,
    value: spread(samples.map(rate)),
    ...(latencies.length === 0 ? {} : { latencyMs: p50and99(latencies) }),
  };
}

function rate({ operations, seconds }: Sample): number {
  return operations / seconds;
}

/** Time of one operation, where `compare` has measured operations a second. */
export function asMilliseconds({ name, value, latencyMs }: Measured): Measured {
  return {
    name,
    value: { median: 1_000 / value.median, low: 1_000 / value.high, high: 1_000 / value.low },
    ...(latencyMs === undefined ? {} : { latencyMs }),
  };
}
