/**
 * Lets work run side by side, or one piece of it alone. A death of the process is laid to what was being handled,
 * so what is under suspicion is handled alone: then nothing else can have been the cause.
 */
export interface Gate {
  /** Runs beside other shared work; waits while something runs alone, or waits to. */
  shared<T>(work: () => Promise<T>): Promise<T>;
  /** Runs when nothing else does, in the order of asking. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

export function createGate(): Gate {
  let running = 0;
  let isAlone = false;
  const waitingAlone: (() => void)[] = [];
  let waitingShared: (() => void)[] = [];

  function wake(): void {
    if (isAlone) return;
    if (waitingAlone.length > 0) {
      if (running > 0) return;
      isAlone = true;
      waitingAlone.shift()?.();
      return;
    }
    const released = waitingShared;
    waitingShared = [];
    running += released.length;
    for (const go of released) go();
  }

  return {
    shared: async (work) => {
      if (isAlone || waitingAlone.length > 0) await new Promise<void>((go) => waitingShared.push(go));
      else running += 1;
      try {
        return await work();
      } finally {
        running -= 1;
        wake();
      }
    },
    alone: async (work) => {
      await new Promise<void>((go) => {
        waitingAlone.push(go);
        wake();
      });
      try {
        return await work();
      } finally {
        isAlone = false;
        wake();
      }
    },
  };
}

/** Of this process, since a process dies as a whole: all its consumers and partitions go through it. */
export const processGate: Gate = createGate();
