/**
 * Runs tasks with bounded concurrency: tasks of one sequence one after the other in the order they were added,
 * different sequences side by side. A task that waits for something lets others have its slot meanwhile.
 */
export interface Lanes {
  /** Tasks added and not yet settled. */
  size(): number;
  /** Tasks that are resting. */
  resting(): number;
  add(sequence: string, task: () => Promise<void>): void;
  /**
   * For a task that runs: without its slot while it waits. The signal aborts when it had better not wait any longer.
   * @throws what another task has failed with meanwhile
   */
  rest(wait: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Ends the waiting of all that are resting. */
  wake(): void;
  /** Resolves when fewer than `below` tasks are left, or after so many milliseconds; rejects when a task has failed. */
  until(below: number, patienceMs?: number): Promise<void>;
  /** Starts nothing any more, and resolves when what is running has settled. */
  close(): Promise<void>;
}

interface Watcher {
  readonly below: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** @param concurrency tasks that run at once, at most */
export function createLanes(concurrency: number): Lanes {
  const waiting = new Map<string, (() => Promise<void>)[]>();
  const ready: string[] = [];
  const begun = new Set<string>();
  const watchers = new Set<Watcher>();
  const returning: (() => void)[] = [];
  let size = 0;
  let busy = 0;
  let resting = 0;
  let alarm = new AbortController();
  let failure: { readonly error: unknown } | undefined;

  /** After a failure, whoever rests goes on to settle. */
  function letReturn(): void {
    while (returning.length > 0 && (busy < concurrency || failure !== undefined)) {
      busy += 1;
      returning.shift()?.();
    }
  }

  function startReady(): void {
    letReturn();
    while (busy < concurrency && failure === undefined) {
      const sequence = ready.shift();
      if (sequence === undefined) return;
      const task = waiting.get(sequence)?.shift();
      if (task !== undefined) start(sequence, task);
    }
  }

  function start(sequence: string, task: () => Promise<void>): void {
    busy += 1;
    begun.add(sequence);
    task().then(
      () => settle(sequence),
      (error: unknown) => {
        fail(error);
        settle(sequence);
      },
    );
  }

  function settle(sequence: string): void {
    size -= 1;
    busy -= 1;
    begun.delete(sequence);
    if ((waiting.get(sequence)?.length ?? 0) > 0) ready.push(sequence);
    else waiting.delete(sequence);
    notify();
    startReady();
  }

  function fail(error: unknown): void {
    failure ??= { error };
    wake();
  }

  function wake(): void {
    const rung = alarm;
    alarm = new AbortController();
    rung.abort();
  }

  async function rest(wait: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (failure !== undefined) throw failure.error;
    busy -= 1;
    resting += 1;
    startReady();
    try {
      await wait(alarm.signal);
    } finally {
      resting -= 1;
      await new Promise<void>((goOn) => {
        returning.push(goOn);
        startReady();
      });
    }
    throwFailure();
  }

  function throwFailure(): void {
    if (failure !== undefined) throw failure.error;
  }

  function notify(): void {
    for (const watcher of [...watchers]) {
      // a failure is told once everything that had begun has settled
      if (failure !== undefined && begun.size === 0) watcher.reject(failure.error);
      else if (failure === undefined && size < watcher.below) watcher.resolve();
    }
  }

  function until(below: number, patienceMs?: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        watchers.delete(watcher);
        settle();
      };
      const watcher: Watcher = {
        below,
        resolve: () => end(resolve),
        reject: (error) => end(() => reject(error)),
      };
      const timer = patienceMs === undefined ? undefined : setTimeout(watcher.resolve, patienceMs);
      watchers.add(watcher);
      notify();
    });
  }

  return {
    size: () => size,
    resting: () => resting,
    add: (sequence, task) => {
      size += 1;
      const queue = waiting.get(sequence);
      if (queue === undefined) waiting.set(sequence, [task]);
      else queue.push(task);
      if (!begun.has(sequence) && (queue === undefined || queue.length === 1)) ready.push(sequence);
      startReady();
    },
    rest,
    wake,
    until,
    close: async () => {
      fail(new Error('these lanes are closed'));
      await until(1).catch(() => undefined);
    },
  };
}
