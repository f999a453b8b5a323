/** Collects what is done and acknowledges it in as few calls as the server's pace allows. */
export interface Acknowledgements {
  /** @throws what an earlier acknowledgement failed with: nothing must be handled on top of that */
  add(entryId: string): void;
  /** @throws as `add` does: what is not acknowledged would wait for as long as nothing is added */
  requireNoFailure(): void;
  /** Resolves when everything added so far is acknowledged. */
  flush(): Promise<void>;
}

const MAX_BATCH = 500;

export function createAcknowledgements(
  acknowledge: (entryIds: readonly string[]) => Promise<void>,
): Acknowledgements {
  let waiting: string[] = [];
  let sending: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;

  async function send(): Promise<void> {
    try {
      // a turn of the event loop lets what finishes together go together
      await new Promise((resolve) => setImmediate(resolve));
      while (waiting.length > 0) {
        const batch = waiting.slice(0, MAX_BATCH);
        waiting = waiting.slice(MAX_BATCH);
        await acknowledge(batch);
      }
    } catch (error) {
      failure ??= { error };
    } finally {
      // at once: what is added from now on has to be sent by somebody else
      sending = undefined;
    }
  }

  function requireNoFailure(): void {
    if (failure !== undefined) throw failure.error;
  }

  return {
    requireNoFailure,
    add: (entryId) => {
      requireNoFailure();
      waiting.push(entryId);
      sending ??= send();
    },
    flush: async () => {
      while (sending !== undefined) await sending;
      requireNoFailure();
    },
  };
}
