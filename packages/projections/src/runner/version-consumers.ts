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
import type { Transaction } from 'kysely';
import type { ProjectionState } from '../control/versions.ts';
import { type Projection, projectionGroup, withVersion } from '../projection/definition.ts';
import { projectionHandler } from '../projection/handler.ts';
import type { Arrivals } from './checkpoint-waiters.ts';
import type { ProjectionRunnerOptions } from './options.ts';
import { resyncByRebuild } from './resync-by-rebuild.ts';

interface Entry {
  readonly consumer: Consumer;
  readonly admin: ConsumerAdmin;
  readonly running: boolean;
}

/** The consumers of this process, one for each version of a projection that its code can fill. */
export class VersionConsumers {
  /** Kept up to date in place; with those of paused versions, so that their dead letters can be administered. */
  readonly admins: ConsumerAdmin[] = [];
  readonly #options: ProjectionRunnerOptions;
  readonly #arrivals: Arrivals;
  readonly #sink: ReturnType<typeof createPostgresSink<unknown>>;
  readonly #transactions: ReturnType<typeof createSharedTransactions<Transaction<unknown>>>;
  /** Projections that share transactions: rows of added ones may be of any partition, for which others would wait. */
  readonly #sharing: ReadonlySet<string>;
  /** By group. */
  readonly #entries = new Map<string, Entry>();
  #reader: LogReader | undefined;
  #known: readonly Projection<unknown>[];

  constructor(options: ProjectionRunnerOptions, arrivals: Arrivals) {
    const { database, projections, consumer } = options;
    this.#options = options;
    this.#arrivals = arrivals;
    this.#known = projections;
    this.#sharing = new Set(projections.map(({ name }) => name));
    this.#sink = createPostgresSink(database);
    const batchSize = consumer.policy?.batchSize ?? DEFAULT_POLICY.batchSize;
    this.#transactions = createSharedTransactions(this.#sink, batchSize);
  }

  /** Makes, starts, stops and drops consumers until they are as the database says of these projections. */
  async follow(
    projections: readonly Projection<unknown>[],
    states: readonly ProjectionState[],
  ): Promise<void> {
    this.#known = projections;
    const wanted = wantedVersions(projections, states);
    const gone = [...this.#entries.keys()].filter((group) => !wanted.has(group));
    await Promise.all(gone.map((group) => this.#drop(group)));
    await Promise.all(
      [...wanted.values()].map(({ projection, running }) => this.#bring(projection, running)),
    );
    const entries = [...wanted.keys()].flatMap((group) => this.#entries.get(group) ?? []);
    this.admins.splice(0, this.admins.length, ...entries.map(({ admin }) => admin));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((group) => this.#drop(group)));
    this.#reader?.close();
  }

  async #bring(projection: Projection<unknown>, running: boolean): Promise<void> {
    const group = projectionGroup(projection);
    const entry = this.#entries.get(group);
    if (entry?.running === running) return;
    // a consumer that was stopped cannot be started again
    if (entry?.running) await entry.consumer.stop();
    const isReusable = entry !== undefined && !entry.running;
    const { consumer, admin } = isReusable ? entry : this.#create(projection);
    if (running) consumer.start();
    this.#entries.set(group, { consumer, admin, running });
  }

  #create(projection: Projection<unknown>): Pick<Entry, 'consumer' | 'admin'> {
    const { consumer: settings } = this.#options;
    this.#reader ??= createLogReader(settings.store, settings.onError ?? (() => undefined));
    const consumer = createTransactionalConsumer({
      ...settings,
      ...(this.#sharing.has(projection.name) ? { transactions: this.#transactions } : {}),
      group: projectionGroup(projection),
      sink: this.#sink,
      handler: projectionHandler<unknown, unknown>(projection),
      reader: this.#reader,
      onStored: (partition, entryId) => this.#arrivals.note(projection, partition, entryId),
    });
    const requestResync = resyncByRebuild(this.#options, () => this.#known, projection);
    return { consumer, admin: { ...consumer.admin, requestResync } };
  }

  async #drop(group: string): Promise<void> {
    const entry = this.#entries.get(group);
    this.#entries.delete(group);
    await entry?.consumer.stop();
  }
}

interface Wanted {
  readonly projection: Projection<unknown>;
  readonly running: boolean;
}

/** By group, in the order given; without versions whose fold only other processes have. */
function wantedVersions(
  projections: readonly Projection<unknown>[],
  states: readonly ProjectionState[],
): ReadonlyMap<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const projection of projections) {
    const state = states.find(({ name }) => name === projection.name);
    for (const { version, foldVersion, retired } of state?.versions ?? []) {
      if (retired || foldVersion !== projection.version) continue;
      const numbered = withVersion(projection, version);
      wanted.set(projectionGroup(numbered), { projection: numbered, running: state?.paused !== true });
    }
  }
  return wanted;
}
