/** How fast a count grows, over the last while. */
export interface Speed {
  note(atMs: number, count: number): void;
  /** Per second; null until two counts are known. */
  perSecond(): number | null;
}

/** @param windowMs how far back to look */
export function createSpeed(windowMs: number): Speed {
  let samples: { readonly atMs: number; readonly count: number }[] = [];
  return {
    note: (atMs, count) => {
      // going back means that it began anew
      const known = samples.filter((sample) => atMs - sample.atMs <= windowMs && sample.count <= count);
      samples = [...known, { atMs, count }];
    },
    perSecond: () => {
      const [first, last] = [samples.at(0), samples.at(-1)];
      if (first === undefined || last === undefined || last.atMs <= first.atMs) return null;
      return ((last.count - first.count) * 1_000) / (last.atMs - first.atMs);
    },
  };
}
