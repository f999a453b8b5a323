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
import { createArrivals } from './arrivals.ts';
import { finishBuild } from './finish-build.ts';
import type { ProjectionRunnerOptions } from './options.ts';
import { createSpeed, type Speed } from './speed.ts';
import { createVersionConsumers } from './version-consumers.ts';

const DEFAULT_POLL_MS = 1_000;
const DEFAULT_LEASE_MS = 10_000;
const SPEED_WINDOW_MS = 15_000;

/**
 * Runs the projections of this process as the database says: which versions there are, which are paused, being
 * built or to go. Any number of processes run beside each other; what is asked of one, all notice.
 */
export interface ProjectionRunner {
  /** Consumer groups of this process; the array is kept up to date in place. */
  readonly admins: readonly ConsumerAdmin[];
  /** Begins to work. Store and projections must have been prepared. */
  start(): void;
  /** Looks at once, in place of at the next poll. Does not reject. */
  refresh(): Promise<void>;
  /**
   * Whether this process is about to bring a projection's active version to a position: looking whether it is there is
   * in vain until the arrival. As far as the last poll knows; false where it does not.
   */
  isBehind(name: string, position: string): boolean;
  /**
   * Resolves when this process brings a projection's active version to a position from now on, after so many
   * milliseconds, which is all where another process works on that partition, or when `signal` aborts.
   */
  arrival(name: string, position: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Events that a version that is being built handles per second, in all processes; null while unknown. */
  eventsPerSecond(of: ProjectionVersion): number | null;
  /** Stops all consumers. Store and database stay the caller's to close. */
  stop(): Promise<void>;
}

export function createProjectionRunner(options: ProjectionRunnerOptions): ProjectionRunner {
  const { database, projections, added = async () => [], pollMs = DEFAULT_POLL_MS } = options;
  const { store, leaseMs = DEFAULT_LEASE_MS, onError = () => undefined } = options.consumer;
  const arrivals = createArrivals();
  const consumers = createVersionConsumers(options, arrivals);
  const speeds = createSpeeds();
  let known: readonly ProjectionState[] = [];
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let following: Promise<void> = Promise.resolve();
  let tidying: Promise<void> | undefined;

  async function followOnce(): Promise<void> {
    if (stopped) return;
    // in this order: what is listed after the versions fills them, or they are retired by now; an older one could
    // be paired with a later version of the same name
    const states = await projectionStates(database);
    known = states;
    await consumers.follow([...projections, ...(await added())], states);
    await measure(states);
    // what takes longer must not keep a pause waiting
    tidying ??= tidy(states).finally(() => {
      tidying = undefined;
    });
  }

  function refresh(): Promise<void> {
    following = following.then(followOnce).catch(onError);
    return following;
  }

  async function measure(states: readonly ProjectionState[]): Promise<void> {
    const builds = states.flatMap(buildsOf);
    await Promise.all(
      builds.map(async (build) => speeds.note(build, (await progressOf(database, build)).handledEntries)),
    );
    speeds.keep(builds);
  }

  async function tidy(states: readonly ProjectionState[]): Promise<void> {
    for (const state of states)
      for (const one of state.versions) await tidyVersion(state, one).catch(onError);
  }

  async function tidyVersion(state: ProjectionState, one: RegisteredVersion): Promise<void> {
    const of = { name: state.name, version: one.version };
    if (one.retired) await removeRetired(database, store, of, leaseMs);
    else if (one.switchWhen !== null && !state.paused) await finishBuild(database, store, state, one);
  }

  function activeOf(name: string): ProjectionVersion {
    return { name, version: known.find((state) => state.name === name)?.activeVersion ?? NO_VERSION };
  }

  function schedule(): void {
    if (!stopped) timer = setTimeout(() => void refresh().then(schedule), pollMs);
  }

  return {
    admins: consumers.admins,
    start: () => void refresh().then(schedule),
    refresh,
    isBehind: (name, position) => arrivals.isBehind(activeOf(name), position),
    arrival: (name, position, timeoutMs, signal) => arrivals.at(activeOf(name), position, timeoutMs, signal),
    eventsPerSecond: speeds.of,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await following;
      await tidying;
      await consumers.stop();
    },
  };
}

function buildsOf({ name, versions }: ProjectionState): readonly ProjectionVersion[] {
  return versions.flatMap(({ version, switchWhen }) => (switchWhen === null ? [] : [{ name, version }]));
}

function createSpeeds() {
  const speeds = new Map<string, Speed>();
  return {
    note: (of: ProjectionVersion, count: number): void => {
      const speed = speeds.get(projectionGroup(of)) ?? createSpeed(SPEED_WINDOW_MS);
      speeds.set(projectionGroup(of), speed);
      speed.note(performance.now(), count);
    },
    keep: (builds: readonly ProjectionVersion[]): void => {
      const kept = new Set(builds.map(projectionGroup));
      for (const group of speeds.keys()) if (!kept.has(group)) speeds.delete(group);
    },
    of: (of: ProjectionVersion): number | null => speeds.get(projectionGroup(of))?.perSecond() ?? null,
  };
}
