import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../command-line.ts';
import { Child, type ChildCommand, type ChildExit } from './child.ts';
import { type ReadinessCheck, waitUntilReady } from './wait-until-ready.ts';

/** What the caller of a server or service decides about its process. */
export interface ProcessCallbacks {
  /** Restart it with a growing delay if it ends unasked. Default false. */
  readonly restartUnasked?: boolean | undefined;
  /** Called for every line that the process writes. */
  readonly onLine?: ((line: string) => void) | undefined;
  readonly onMessage?: ((message: string) => void) | undefined;
}

export interface ManagedProcessOptions extends ReadinessCheck, ProcessCallbacks {
  readonly url: string;
  readonly port: number;
  /** What to run; called for every start. */
  readonly command: () => ChildCommand | Promise<ChildCommand>;
  /** Asks the process to end by itself. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /** How long a graceful stop may take before the process is killed. */
  readonly stopTimeoutMs: number;
  /** Kills what the process only stands for, such as a container; called after a SIGKILL. */
  readonly afterKill?: () => Promise<unknown>;
  /** Whether a start that failed like this is tried again, up to 20 times. Default never. */
  readonly isWorthRetrying?: (error: unknown) => boolean;
}

const RETRIES = 20;
const RETRY_DELAY_MS = 500;
const FIRST_RESTART_DELAY_MS = 500;
const LONGEST_RESTART_DELAY_MS = 10_000;
/** A process that ran this long is healthy again: if it ends unasked, the delay is the first one. */
const STABLE_AFTER_MS = 60_000;

/** A process that can be started, stopped, killed and restarted on the same port, and is restarted when it dies. */
export class ManagedProcess {
  readonly url: string;
  readonly port: number;
  readonly external = false;
  readonly #options: ManagedProcessOptions;
  #child: Child | undefined;
  #abort = new AbortController();
  #restarts = 0;
  #startedAt = 0;

  constructor(options: ManagedProcessOptions) {
    this.url = options.url;
    this.port = options.port;
    this.#options = options;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.#child?.hasExited === false ? this.#child.pid : undefined;
  }

  /** Starts it and waits until it is ready; ends it again and throws if it does not get ready. */
  async start(): Promise<this> {
    for (let attempt = 1; ; attempt++) {
      this.#abort = new AbortController();
      const { signal } = this.#abort;
      try {
        const child = await this.#launch(signal);
        await waitUntilReady(child, this.#options, signal);
        this.#watch(child, signal);
        return this;
      } catch (error) {
        await this.stop();
        if (attempt === RETRIES || !this.#options.isWorthRetrying?.(error)) throw error;
        await sleep(RETRY_DELAY_MS);
      }
    }
  }

  /** Graceful within `stopTimeoutMs`; does nothing if it does not run. */
  async stop(): Promise<void> {
    const { name, stopTimeoutMs } = this.#options;
    this.#abort.abort(new Error(`${name} is stopping`));
    const child = this.#child;
    this.#child = undefined;
    if ((await child?.stop(stopTimeoutMs)) === 'killed')
      this.#say(`${name} did not end in time and was killed`);
  }

  /**
   * Sends a signal, by default SIGKILL, and waits until the process is gone; it stays down until `restart`. SIGSTOP and
   * SIGCONT are sent without waiting.
   */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (!child) return;
    child.signal(signal);
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') return;
    this.#abort.abort(new Error(`${this.#options.name} is killed`));
    this.#child = undefined;
    await child.exited;
    if (signal === 'SIGKILL') await this.#options.afterKill?.();
  }

  /** Stops it if it runs, starts it again on the same port and data, and waits until it is ready. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async #launch(signal: AbortSignal): Promise<Child> {
    const { name, stopSignal, onLine } = this.#options;
    const child = await Child.start({ ...(await this.#options.command()), name, stopSignal, onLine });
    if (signal.aborted) await child.stop(this.#options.stopTimeoutMs);
    signal.throwIfAborted();
    this.#child = child;
    this.#startedAt = Date.now();
    return child;
  }

  #watch(child: Child, signal: AbortSignal): void {
    void child.exited.then((exit) => (signal.aborted ? undefined : this.#afterUnaskedEnd(exit, signal)));
  }

  async #afterUnaskedEnd(exit: ChildExit, signal: AbortSignal): Promise<void> {
    const { name, restartUnasked } = this.#options;
    const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
    this.#say(`${name} ended unexpectedly (${how})`);
    if (!restartUnasked) return;
    if (Date.now() - this.#startedAt > STABLE_AFTER_MS) this.#restarts = 0;
    while (!signal.aborted) {
      const delayMs = Math.min(FIRST_RESTART_DELAY_MS * 2 ** this.#restarts, LONGEST_RESTART_DELAY_MS);
      this.#restarts++;
      this.#say(`${name} is started again in ${delayMs / 1000} s`);
      // Rejects if it is stopped or killed meanwhile.
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted && (await this.#startAgain(signal))) return;
    }
  }

  /** True if the process lives, ready or not; it is watched again then. */
  async #startAgain(signal: AbortSignal): Promise<boolean> {
    let child: Child | undefined;
    try {
      child = await this.#launch(signal);
      await waitUntilReady(child, this.#options, signal);
      this.#say(`${this.#options.name} is ready again (pid ${child.pid})`);
    } catch (error) {
      if (!signal.aborted) this.#say(messageOf(error));
    }
    if (!child || child.hasExited) return false;
    this.#watch(child, signal);
    return true;
  }

  #say(message: string): void {
    this.#options.onMessage?.(message);
  }
}
