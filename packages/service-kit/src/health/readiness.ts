import { within } from '@headrace/event-store';
import type { Logger } from 'pino';
import { codeOf } from '../problem/map-by-code.ts';

/** Resolves when the dependency can be used now; any rejection means that it cannot. */
export type ReadinessCheck = () => Promise<unknown>;

export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** False: callers do not need it, so that requests are sent here without it. */
  readonly required: boolean;
  readonly durationMs: number;
  /** A code such as `ECONNREFUSED`, never a message, which may hold addresses or passwords. */
  readonly error?: string;
}

export interface ReadinessReport {
  readonly status: 'ready' | 'starting' | 'not-ready' | 'stopping';
  readonly checks: readonly CheckResult[];
}

export interface ReadinessOptions {
  /** What callers need. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** What only the service's own work needs, such as a mail server: told, and no reason to send no requests here. */
  readonly workChecks: Readonly<Record<string, ReadinessCheck>>;
  /** How long one check may take, in milliseconds; the slower one counts as failed. */
  readonly timeoutMs: number;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/**
 * Whether requests should be sent to this process. Checks run side by side when somebody asks; callers at the same
 * time share one run, so that many probes do not add load to a dependency in trouble.
 */
export class Readiness {
  readonly #options: ReadinessOptions;
  readonly #failing = new Set<string>();
  #phase: 'starting' | 'started' | 'stopping' = 'started';
  #running: Promise<readonly CheckResult[]> | undefined;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  /** Not ready until `markStarted`. Without this call a process counts as started. */
  markStarting(): void {
    this.#phase = 'starting';
  }

  markStarted(): void {
    if (this.#phase === 'starting') this.#phase = 'started';
  }

  /** Not ready any more, for good. */
  markStopping(): void {
    this.#phase = 'stopping';
  }

  async report(): Promise<ReadinessReport> {
    this.#running ??= this.#runAll().finally(() => {
      this.#running = undefined;
    });
    const checks = await this.#running;
    if (this.#phase !== 'started') return { status: this.#phase, checks };
    return { status: checks.every(({ ok, required }) => ok || !required) ? 'ready' : 'not-ready', checks };
  }

  #runAll(): Promise<readonly CheckResult[]> {
    const { checks, workChecks } = this.#options;
    return Promise.all([
      ...Object.entries(checks).map(([name, check]) => this.#run(name, true, check)),
      ...Object.entries(workChecks).map(([name, check]) => this.#run(name, false, check)),
    ]);
  }

  async #run(name: string, required: boolean, check: ReadinessCheck): Promise<CheckResult> {
    const started = performance.now();
    const durationMs = () => Math.round(performance.now() - started);
    try {
      await within(this.#options.timeoutMs, check);
      if (this.#failing.delete(name))
        this.#options.logger.info({ check: name }, 'readiness check passes again');
      return { name, ok: true, required, durationMs: durationMs() };
    } catch (error) {
      // while the process starts, whoever waits for the dependency says so
      if (this.#phase === 'starting')
        return { name, ok: false, required, durationMs: durationMs(), error: codeOf(error) ?? 'FAILED' };
      if (!this.#failing.has(name))
        this.#options.logger.warn({ check: name, err: error }, 'readiness check fails');
      this.#failing.add(name);
      return { name, ok: false, required, durationMs: durationMs(), error: codeOf(error) ?? 'FAILED' };
    }
  }
}
