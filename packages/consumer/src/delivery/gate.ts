/**
 * Lets work run side by side, or one piece of it alone. A death of the process is attributed to what was being handled,
 * so an event under suspicion is handled alone: then nothing else can have been the cause.
 */
export class Gate {
  readonly #waitingAlone: (() => void)[] = [];
  #waitingShared: (() => void)[] = [];
  #running = 0;
  #isAlone = false;

  /** Runs beside other shared work; waits while something runs alone, or waits to. */
  readonly shared = async <T>(work: () => Promise<T>): Promise<T> => {
    if (this.#isAlone || this.#waitingAlone.length > 0)
      await new Promise<void>((enter) => this.#waitingShared.push(enter));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#admit();
    }
  };

  /** Runs when nothing else does, in the order of asking. */
  readonly alone = async <T>(work: () => Promise<T>): Promise<T> => {
    await new Promise<void>((enter) => {
      this.#waitingAlone.push(enter);
      this.#admit();
    });
    try {
      return await work();
    } finally {
      this.#isAlone = false;
      this.#admit();
    }
  };

  #admit(): void {
    if (this.#isAlone) return;
    if (this.#waitingAlone.length > 0) {
      if (this.#running > 0) return;
      this.#isAlone = true;
      this.#waitingAlone.shift()?.();
      return;
    }
    const admitted = this.#waitingShared;
    this.#waitingShared = [];
    this.#running += admitted.length;
    for (const enter of admitted) enter();
  }
}

/** One for the process, since a process dies as a whole: all its consumers and partitions go through it. */
export const processGate = new Gate();
