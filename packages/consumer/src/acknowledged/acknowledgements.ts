const MAX_BATCH = 500;

/** Collects what is done and acknowledges it in as few calls as the server's pace allows. */
export class Acknowledgements {
  readonly #acknowledge: (entryIds: readonly string[]) => Promise<void>;
  #waiting: string[] = [];
  #sending: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(acknowledge: (entryIds: readonly string[]) => Promise<void>) {
    this.#acknowledge = acknowledge;
  }

  /** @throws what an earlier acknowledgement failed with: nothing must be handled on top of that */
  add(entryId: string): void {
    this.requireNoFailure();
    this.#waiting.push(entryId);
    this.#sending ??= this.#send();
  }

  /** @throws as `add` does: what is not acknowledged would wait for as long as nothing is added */
  requireNoFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Resolves when everything added so far is acknowledged. @throws as `add` does */
  async flush(): Promise<void> {
    while (this.#sending !== undefined) await this.#sending;
    this.requireNoFailure();
  }

  async #send(): Promise<void> {
    try {
      // a turn of the event loop lets what finishes together go together
      await new Promise((resolve) => setImmediate(resolve));
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, MAX_BATCH);
        this.#waiting = this.#waiting.slice(MAX_BATCH);
        await this.#acknowledge(batch);
      }
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      // in the same turn as the last look at what waits: what is added from now on is sent by another call
      this.#sending = undefined;
    }
  }
}
