/**
 * Something that a transaction built on has changed: it is to be rolled back and to begin anew, at once. Each time
 * means that another one has been committed. The code is SQLSTATE's for a serialisation failure, which this is.
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
