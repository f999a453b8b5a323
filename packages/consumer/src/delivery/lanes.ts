type Task = () => Promise<void>;

interface Watcher {
  readonly below: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs tasks with bounded concurrency. A lane is a queue for one key, such as a stream: its tasks run one after the other
 * in the order they were added; different lanes run side by side. A task is waiting, ready (first in its lane, without a
 * slot), begun, resting (begun, waits for something and has given up its slot), or returning (waits for a slot again).
 */
export class Lanes {
  readonly #concurrency: number;
  readonly #waiting = new Map<string, Task[]>();
  readonly #ready: string[] = [];
  readonly #begun = new Set<string>();
  readonly #watchers = new Set<Watcher>();
  readonly #returning: (() => void)[] = [];
  #size = 0;
  #busy = 0;
  #resting = 0;
  #endOfRests = new AbortController();
  #failure: { readonly error: unknown } | undefined;

  /** @param concurrency tasks that run at once, at most */
  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** Tasks added and not yet settled. */
  get size(): number {
    return this.#size;
  }

  /** Tasks that have given up their slot while they wait. */
  get resting(): number {
    return this.#resting;
  }

  add(lane: string, task: Task): void {
    this.#size += 1;
    const queue = this.#waiting.get(lane);
    if (queue === undefined) this.#waiting.set(lane, [task]);
    else queue.push(task);
    const isFirst = queue === undefined || queue.length === 1;
    if (isFirst && !this.#begun.has(lane)) this.#ready.push(lane);
    this.#startReady();
  }

  /**
   * Called by a running task: waits without its slot. The signal aborts when the waiting should end early.
   * @throws what another task has failed with meanwhile
   */
  async rest(wait: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#throwFailure();
    this.#busy -= 1;
    this.#resting += 1;
    this.#startReady();
    try {
      await wait(this.#endOfRests.signal);
    } finally {
      this.#resting -= 1;
      await new Promise<void>((resume) => {
        this.#returning.push(resume);
        this.#startReady();
      });
    }
    this.#throwFailure();
  }

  /** Ends the waiting of all tasks that rest. */
  wake(): void {
    const alarm = this.#endOfRests;
    this.#endOfRests = new AbortController();
    alarm.abort();
  }

  /** Resolves when fewer than `below` tasks are left, or after `patienceMs`; rejects when a task has failed. */
  until(below: number, patienceMs?: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        settle();
      };
      const watcher: Watcher = {
        below,
        resolve: () => end(resolve),
        reject: (error) => end(() => reject(error)),
      };
      const timer = patienceMs === undefined ? undefined : setTimeout(watcher.resolve, patienceMs);
      this.#watchers.add(watcher);
      this.#notify();
    });
  }

  /** Starts nothing any more, and resolves when what is running has settled. */
  async close(): Promise<void> {
    this.#fail(new Error('these lanes are closed'));
    await this.until(1).catch(() => undefined);
  }

  #startReady(): void {
    this.#letReturn();
    while (this.#busy < this.#concurrency && this.#failure === undefined) {
      const lane = this.#ready.shift();
      if (lane === undefined) return;
      const task = this.#waiting.get(lane)?.shift();
      if (task !== undefined) this.#start(lane, task);
    }
  }

  /** After a failure, tasks that rest go on at once, so that they settle. */
  #letReturn(): void {
    while (this.#returning.length > 0 && (this.#busy < this.#concurrency || this.#failure !== undefined)) {
      this.#busy += 1;
      this.#returning.shift()?.();
    }
  }

  #start(lane: string, task: Task): void {
    this.#busy += 1;
    this.#begun.add(lane);
    task().then(
      () => this.#settle(lane),
      (error: unknown) => {
        this.#fail(error);
        this.#settle(lane);
      },
    );
  }

  #settle(lane: string): void {
    this.#size -= 1;
    this.#busy -= 1;
    this.#begun.delete(lane);
    if ((this.#waiting.get(lane)?.length ?? 0) > 0) this.#ready.push(lane);
    else this.#waiting.delete(lane);
    this.#notify();
    this.#startReady();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.wake();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #notify(): void {
    for (const watcher of [...this.#watchers]) {
      // a failure is reported once every task that had begun has settled
      if (this.#failure !== undefined && this.#begun.size === 0) watcher.reject(this.#failure.error);
      else if (this.#failure === undefined && this.#size < watcher.below) watcher.resolve();
    }
  }
}
