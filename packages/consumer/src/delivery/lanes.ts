/**
 * Runs tasks with bounded concurrency: tasks of one sequence one after the other in the order they were added,
 * different sequences side by side.
 */
export interface Lanes {
  /** Tasks added and not yet settled. */
  size(): number;
  add(sequence: string, task: () => Promise<void>): void;
  /** Resolves when fewer than `below` tasks are left; rejects when a task has failed. */
  until(below: number): Promise<void>;
  /** Starts nothing any more, and resolves when what is running has settled. */
  close(): Promise<void>;
}

/** @param concurrency tasks that run at once, at most */
export function createLanes(concurrency: number): Lanes {
  const waiting = new Map<string, (() => Promise<void>)[]>();
  const ready: string[] = [];
  const running = new Set<string>();
  let size = 0;
  let failure: { readonly error: unknown } | undefined;
  let watchers: { below: number; resolve: () => void; reject: (error: unknown) => void }[] = [];

  function startReady(): void {
    while (running.size < concurrency && failure === undefined) {
      const sequence = ready.shift();
      if (sequence === undefined) return;
      const task = waiting.get(sequence)?.shift();
      if (task === undefined) continue;
      running.add(sequence);
      task().then(
        () => settle(sequence),
        (error: unknown) => {
          failure ??= { error };
          settle(sequence);
        },
      );
    }
  }

  function settle(sequence: string): void {
    size -= 1;
    running.delete(sequence);
    if ((waiting.get(sequence)?.length ?? 0) > 0) ready.push(sequence);
    else waiting.delete(sequence);
    notify();
    startReady();
  }

  function notify(): void {
    const left = watchers;
    watchers = [];
    for (const watcher of left) {
      // a failure is told once everything that was running has settled
      if (failure !== undefined && running.size === 0) watcher.reject(failure.error);
      else if (failure === undefined && size < watcher.below) watcher.resolve();
      else watchers.push(watcher);
    }
  }

  function until(below: number): Promise<void> {
    return new Promise((resolve, reject) => {
      watchers.push({ below, resolve, reject });
      notify();
    });
  }

  return {
    size: () => size,
    add: (sequence, task) => {
      size += 1;
      const queue = waiting.get(sequence);
      if (queue === undefined) waiting.set(sequence, [task]);
      else queue.push(task);
      if (!running.has(sequence) && (queue === undefined || queue.length === 1)) ready.push(sequence);
      startReady();
    },
    until,
    close: async () => {
      failure ??= { error: new Error('these lanes are closed') };
      await until(1).catch(() => undefined);
    },
  };
}
