import type { ConsumerAdmin } from '@headrace/consumer';
import { progressOf } from '../control/progress.ts';
import { removeRetired } from '../control/retire.ts';
import {
  NO_VERSION,
  type ProjectionState,
  projectionStates,
  type RegisteredVersion,
} from '../control/versions.ts';
import { type ProjectionVersion, projectionGroup } from '../projection/definition.ts';
import { type Arrivals, createArrivals } from './checkpoint-waiters.ts';
import { finishBuild } from './finish-build.ts';
import type { ProjectionRunnerOptions } from './options.ts';
import { createSpeed, type Speed } from './speed.ts';
import { VersionConsumers } from './version-consumers.ts';

const DEFAULT_POLL_MS = 1_000;
const DEFAULT_LEASE_MS = 10_000;
const SPEED_WINDOW_MS = 15_000;

/**
 * Runs the projections of this process as the database says: which versions exist, and which of them are paused, being
 * built or retired. Any number of processes run beside each other; all follow what one of them was asked for.
 */
export class ProjectionRunner {
  readonly #options: ProjectionRunnerOptions;
  readonly #arrivals: Arrivals = createArrivals();
  readonly #consumers: VersionConsumers;
  /** Of versions that are being built, by group. */
  readonly #speeds = new Map<string, Speed>();
  #known: readonly ProjectionState[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #refreshing: Promise<void> = Promise.resolve();
  #finishing: Promise<void> | undefined;

  constructor(options: ProjectionRunnerOptions) {
    this.#options = options;
    this.#consumers = new VersionConsumers(options, this.#arrivals);
  }

  /** Consumer groups of this process; the array is kept up to date in place. */
  get admins(): readonly ConsumerAdmin[] {
    return this.#consumers.admins;
  }

  /** Starts to work. Store and projections must have been prepared. */
  start(): void {
    void this.refresh().then(() => this.#schedule());
  }

  /** Reads the state from the database at once instead of at the next poll. Does not reject. */
  refresh(): Promise<void> {
    const { onError = () => undefined } = this.#options.consumer;
    this.#refreshing = this.#refreshing.then(() => this.#follow()).catch(onError);
    return this.#refreshing;
  }

  /**
   * Whether this process handles the position's partition for the projection's active version and has not come to the
   * position. As of the last poll; false where unknown.
   */
  isBehind(name: string, position: string): boolean {
    return this.#arrivals.isBehind(this.#activeOf(name), position);
  }

  /**
   * Resolves when this process brings a projection's active version to a position from now on, after `timeoutMs` (always
   * so where another process works on that partition), or when `signal` aborts.
   */
  arrival(name: string, position: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#arrivals.at(this.#activeOf(name), position, timeoutMs, signal);
  }

  /** Events that a version that is being built handles per second, in all processes; null while unknown. */
  eventsPerSecond(version: ProjectionVersion): number | null {
    return this.#speeds.get(projectionGroup(version))?.perSecond() ?? null;
  }

  /** Stops all consumers. Store and database stay the caller's to close. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#refreshing;
    await this.#finishing;
    await this.#consumers.stop();
  }

  #schedule(): void {
    const { pollMs = DEFAULT_POLL_MS } = this.#options;
    if (!this.#isStopped) this.#timer = setTimeout(() => this.start(), pollMs);
  }

  async #follow(): Promise<void> {
    if (this.#isStopped) return;
    const { database, projections, added = async () => [] } = this.#options;
    // the versions first: a projection that is listed after them fills them, or they have been retired since; one that
    // is listed before could be paired with a later version of the same name
    const states = await projectionStates(database);
    this.#known = states;
    await this.#consumers.follow([...projections, ...(await added())], states);
    await this.#measure(states.flatMap(buildsOf));
    // not awaited: a pause must not wait for work that takes long
    this.#finishing ??= this.#finishAll(states).finally(() => {
      this.#finishing = undefined;
    });
  }

  async #measure(builds: readonly ProjectionVersion[]): Promise<void> {
    await Promise.all(
      builds.map(async (build) => {
        const { group, handledEntries } = await progressOf(this.#options.database, build);
        const speed = this.#speeds.get(group) ?? createSpeed(SPEED_WINDOW_MS);
        this.#speeds.set(group, speed);
        speed.note(performance.now(), handledEntries);
      }),
    );
    const groups = new Set(builds.map(projectionGroup));
    for (const group of this.#speeds.keys()) if (!groups.has(group)) this.#speeds.delete(group);
  }

  async #finishAll(states: readonly ProjectionState[]): Promise<void> {
    const { onError = () => undefined } = this.#options.consumer;
    for (const state of states)
      for (const version of state.versions) await this.#finish(state, version).catch(onError);
  }

  /** Removes what is left of a retired version, and switches to a build that has caught up. */
  async #finish(state: ProjectionState, registered: RegisteredVersion): Promise<void> {
    const { database } = this.#options;
    const { store, leaseMs = DEFAULT_LEASE_MS } = this.#options.consumer;
    const version = { name: state.name, version: registered.version };
    if (registered.retired) await removeRetired(database, store, version, leaseMs);
    else if (registered.switchWhen !== null && !state.paused)
      await finishBuild(database, store, state, registered);
  }

  #activeOf(name: string): ProjectionVersion {
    const state = this.#known.find((candidate) => candidate.name === name);
    return { name, version: state?.activeVersion ?? NO_VERSION };
  }
}

function buildsOf({ name, versions }: ProjectionState): readonly ProjectionVersion[] {
  return versions.flatMap(({ version, switchWhen }) => (switchWhen === null ? [] : [{ name, version }]));
}
