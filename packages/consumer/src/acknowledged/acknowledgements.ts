/** Collects what is done and acknowledges it in as few calls as the server's pace allows. */
export interface Acknowledgements {
  /** @throws what an earlier acknowledgement failed with: nothing must be handled on top of that */
  add(entryId: string): void;
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
    // a turn of the event loop lets what finishes together go together
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_BATCH);
      waiting = waiting.slice(MAX_BATCH);
      await acknowledge(batch);
    }
  }

  function start(): void {
    sending ??= send()
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => {
        sending = undefined;
      });
  }

  return {
    add: (entryId) => {
      if (failure !== undefined) throw failure.error;
      waiting.push(entryId);
      start();
    },
    flush: async () => {
      while (sending !== undefined) await sending;
      if (failure !== undefined) throw failure.error;
    },
  };
}
