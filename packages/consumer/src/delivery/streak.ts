/** Tells poison from an outage: many streams failing one after the other, none succeeding, is an outage. */
export interface FailureStreak {
  success(): void;
  /** True when so many streams have failed in a row that the failure cannot be about any one of them. */
  failure(stream: string): boolean;
}

export function createFailureStreak(systemicStreams: number): FailureStreak {
  const failing = new Set<string>();
  return {
    success: () => failing.clear(),
    failure: (stream) => {
      failing.add(stream);
      return failing.size >= systemicStreams;
    },
  };
}
