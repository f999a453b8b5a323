/**
 * Another transaction has changed something that this one relied on: it is rolled back and begins anew at once. Each
 * such failure means that another transaction was committed. The code is SQLSTATE's for a serialisation failure.
 */
export class BeginAnewError extends Error {
  readonly code = '40001';
  constructor(reason: string) {
    super(reason);
    this.name = 'BeginAnewError';
  }
}

/** Beyond this the failure is the caller's, who retries at longer intervals. */
const MAX_TRIES = 20;

/** Runs a transaction again where it asks for it. */
export async function beginningAnew<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof BeginAnewError) || tries === MAX_TRIES) throw error;
    }
  }
}
