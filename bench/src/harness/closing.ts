/** Registers how to close what has just been opened. */
export type OnEnd = (close: () => Promise<unknown>) => void;

/** Does the work and then closes what it has opened, the last first, also if the work fails. */
export async function closingAll<Result>(work: (onEnd: OnEnd) => Promise<Result>): Promise<Result> {
  const closers: (() => Promise<unknown>)[] = [];
  let result: Result;
  try {
    result = await work((close) => void closers.push(close));
  } catch (error) {
    // The failure of the work says more than failures to close after it.
    await closeAll(closers);
    throw error;
  }
  const failures = await closeAll(closers);
  if (failures.length > 0) throw new AggregateError(failures, 'closing failed');
  return result;
}

async function closeAll(closers: readonly (() => Promise<unknown>)[]): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const close of closers.toReversed()) await close().catch((error: unknown) => failures.push(error));
  return failures;
}
