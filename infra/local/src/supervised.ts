import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from './command-line.ts';
import type { Child, ChildExit } from './processes.ts';

export interface SupervisedOptions {
  readonly name: string;
  /** Starts the process; called again for every restart. Does not wait until it is ready. */
  readonly launch: () => Promise<Child>;
  /** Resolves when the process serves; rejects when it ended or took too long. */
  readonly ready: (child: Child, signal: AbortSignal) => Promise<void>;
  /** Bounds how long a graceful stop may take before the process is killed. */
  readonly stopTimeoutMs?: number;
  /** Restart with a growing delay when it ends unasked. Default false. */
  readonly restartUnasked?: boolean;
  readonly onMessage?: (message: string) => void;
}

const firstDelayMs = 500;
const longestDelayMs = 10_000;
/** A process that ran this long is healthy again: its next unasked end is answered by the first delay. */
const stableAfterMs = 60_000;

/** One process that can be started, stopped, killed and restarted in place, and is restarted when it dies. */
export class Supervised {
  readonly name: string;
  readonly #options: SupervisedOptions;
  #child: Child | undefined;
  #abort = new AbortController();
  #restarts = 0;
  #startedAt = 0;

  constructor(options: SupervisedOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.#child && !this.#child.hasExited() ? this.#child.pid : undefined;
  }

  /** Starts it and waits until it is ready; ends it again and throws when it does not get there. */
  async start(): Promise<void> {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const child = await this.#launch();
    try {
      await this.#options.ready(child, signal);
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#watch(child, signal);
  }

  /** Graceful within `stopTimeoutMs`; does nothing when it does not run. */
  async stop(): Promise<void> {
    this.#abort.abort(new Error(`${this.name} is stopping`));
    const child = this.#child;
    this.#child = undefined;
    if (!child) return;
    if ((await child.stop(this.#options.stopTimeoutMs)) === 'killed') {
      this.#say(`${this.name} did not end in time and was killed`);
    }
  }

  /** Sends a signal. After a deadly one it stays down until `restart()`; SIGSTOP and SIGCONT go through as they are. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (!child) return;
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') return child.signal(signal);
    this.#abort.abort(new Error(`${this.name} is killed`));
    this.#child = undefined;
    await child.signal(signal);
    await child.exited;
  }

  /** Stops it if it runs, starts it again on the same port and data, and waits until it is ready. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async #launch(): Promise<Child> {
    this.#child = await this.#options.launch();
    this.#startedAt = Date.now();
    return this.#child;
  }

  #watch(child: Child, signal: AbortSignal): void {
    void child.exited.then((exit) => (signal.aborted ? undefined : this.#afterUnaskedEnd(exit, signal)));
  }

  async #afterUnaskedEnd(exit: ChildExit, signal: AbortSignal): Promise<void> {
    const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
    this.#say(`${this.name} ended unexpectedly (${how})`);
    if (!this.#options.restartUnasked) return;
    if (Date.now() - this.#startedAt > stableAfterMs) this.#restarts = 0;
    while (!signal.aborted) {
      const delayMs = Math.min(firstDelayMs * 2 ** this.#restarts, longestDelayMs);
      this.#restarts++;
      this.#say(`${this.name} is started again in ${delayMs / 1000} s`);
      // Aborted: somebody stops or kills it meanwhile.
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted && (await this.#startAgain(signal))) return;
    }
  }

  /** True when the process lives, ready or not; it is watched again then. */
  async #startAgain(signal: AbortSignal): Promise<boolean> {
    let child: Child | undefined;
    try {
      child = await this.#launch();
      await this.#options.ready(child, signal);
      this.#say(`${this.name} is ready again (pid ${child.pid})`);
    } catch (error) {
      if (!signal.aborted) this.#say(messageOf(error));
    }
    if (!child || child.hasExited()) return false;
    this.#watch(child, signal);
    return true;
  }

  #say(message: string): void {
    this.#options.onMessage?.(message);
  }
}
