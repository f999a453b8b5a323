import {
  type Consumer,
  type ConsumerAdmin,
  createLogReader,
  createSharedTransactions,
  createTransactionalConsumer,
  DEFAULT_POLICY,
  type LogReader,
} from '@headrace/consumer';
import { createPostgresSink } from '@headrace/postgres';
import type { ProjectionState } from '../control/versions.ts';
import { type Projection, projectionGroup, withVersion } from '../projection/definition.ts';
import { projectionHandler } from '../projection/handler.ts';
import type { Arrivals } from './arrivals.ts';
import type { ProjectionRunnerOptions } from './options.ts';
import { resyncByRebuild } from './resync-by-rebuild.ts';

/** The consumers of this process, one for each version of a projection that its code can fill. */
export interface VersionConsumers {
  /** Kept up to date in place; also of paused versions, whose dead letters can still be seen to. */
  readonly admins: readonly ConsumerAdmin[];
  /** Makes, starts, stops and drops consumers until they are what the database says of these projections. */
  follow(projections: readonly Projection<unknown>[], states: readonly ProjectionState[]): Promise<void>;
  stop(): Promise<void>;
}

interface Entry {
  readonly consumer: Consumer;
  readonly running: boolean;
}

export function createVersionConsumers(
  options: ProjectionRunnerOptions,
  arrivals: Arrivals,
): VersionConsumers {
  const { database, consumer: settings } = options;
  const sink = createPostgresSink(database);
  // those that are added may be about rows of any partition, which others would wait for
  const ofTheCode = new Set(options.projections.map(({ name }) => name));
  const transactions = createSharedTransactions(sink, settings.policy?.batchSize ?? DEFAULT_POLICY.batchSize);
  let reader: LogReader | undefined;
  const entries = new Map<string, Entry>();
  const admins: ConsumerAdmin[] = [];
  let known = options.projections;

  function create(projection: Projection<unknown>): Consumer {
    const handler = projectionHandler<unknown, unknown>(projection);
    const group = projectionGroup(projection);
    reader ??= createLogReader(settings.store, settings.onError ?? (() => undefined));
    const shared = ofTheCode.has(projection.name) ? { transactions } : {};
    const consumer = createTransactionalConsumer({
      ...settings,
      ...shared,
      group,
      sink,
      handler,
      reader,
      onStored: (partition, entryId) => arrivals.note(projection, partition, entryId),
    });
    const requestResync = resyncByRebuild(options, () => known, projection);
    return { ...consumer, admin: { ...consumer.admin, requestResync } };
  }

  async function bring(projection: Projection<unknown>, running: boolean): Promise<void> {
    const group = projectionGroup(projection);
    const entry = entries.get(group);
    if (entry?.running === running) return;
    // a consumer that was stopped stays so
    if (entry?.running) await entry.consumer.stop();
    const reused = entry !== undefined && !entry.running;
    const consumer = reused ? entry.consumer : create(projection);
    if (running) consumer.start();
    entries.set(group, { consumer, running });
  }

  async function drop(group: string): Promise<void> {
    const entry = entries.get(group);
    entries.delete(group);
    await entry?.consumer.stop();
  }

  async function follow(
    projections: readonly Projection<unknown>[],
    states: readonly ProjectionState[],
  ): Promise<void> {
    known = projections;
    const wanted = wantedVersions(projections, states);
    const gone = [...entries.keys()].filter((group) => !wanted.has(group));
    await Promise.all(gone.map(drop));
    await Promise.all([...wanted.values()].map(({ projection, running }) => bring(projection, running)));
    admins.splice(0, admins.length, ...[...wanted.keys()].flatMap((group) => adminOf(group)));
  }

  function adminOf(group: string): readonly ConsumerAdmin[] {
    const entry = entries.get(group);
    return entry === undefined ? [] : [entry.consumer.admin];
  }

  return {
    admins,
    follow,
    stop: async () => {
      await Promise.all([...entries.keys()].map(drop));
      reader?.close();
    },
  };
}

interface Wanted {
  readonly projection: Projection<unknown>;
  readonly running: boolean;
}

/** By group, in the order given. A version whose fold this process does not have is for others. */
function wantedVersions(
  projections: readonly Projection<unknown>[],
  states: readonly ProjectionState[],
): ReadonlyMap<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const projection of projections) {
    const state = states.find(({ name }) => name === projection.name);
    for (const { version, foldVersion, retired } of state?.versions ?? []) {
      if (retired || foldVersion !== projection.version) continue;
      const one = withVersion(projection, version);
      wanted.set(projectionGroup(one), { projection: one, running: state?.paused !== true });
    }
  }
  return wanted;
}
