import type { ConsumerAdmin, PartitionState } from '@headrace/consumer';
import type { EventStore } from '@headrace/event-store';
import {
  activeVersion,
  type Database,
  type Projection,
  type ProjectionProgress,
  progressOf,
} from '@headrace/projections';
import { within } from '@headrace/service-kit';
import { logEntries } from './log-entries.ts';

const TIMEOUT_MS = 1_000;
/** States that only an operator can end. */
const STUCK: ReadonlySet<PartitionState> = new Set(['paused', 'diverged']);

type Described = Pick<Projection<never>, 'name' | 'version' | 'description' | 'types'>;

interface Sources {
  readonly store: Pick<EventStore, 'partitions' | 'keys' | 'redis'>;
  readonly database: Pick<Database<unknown>, 'db'>;
  readonly consumers: readonly ConsumerAdmin[];
}

/** A projection as operators see it. Lags and what follows from them are null while Redis cannot tell. */
export interface ProjectionStatus {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly version: number;
  readonly eventTypes: readonly string[];
  readonly status: 'active' | 'rebuilding' | 'error';
  readonly group: string;
  readonly lastProcessedPosition: Readonly<Record<string, string | null>>;
  readonly lag: number | null;
  readonly progress: Progress;
  readonly parkedEvents: number;
  readonly updatedAt: string | null;
}

interface Progress {
  readonly handledEvents: number;
  readonly totalEvents: number | null;
  readonly percent: number | null;
}

/** State of each projection, from the database and, for the lag, the log. */
export async function projectionStatuses(
  { store, database, consumers }: Sources,
  projections: readonly Described[],
): Promise<readonly ProjectionStatus[]> {
  const entries = await logEntries(store);
  return await Promise.all(
    projections.map(async (projection) => {
      const [active, progress] = await Promise.all([
        activeVersion(database, projection.name),
        progressOf(database, projection),
      ]);
      const stuck = progress.parkedEvents > 0 || (await isStuck(consumers, progress.group));
      return {
        id: projection.name,
        name: projection.name,
        description: projection.description,
        version: projection.version,
        eventTypes: projection.types ?? ['*'],
        status: statusOf(stuck, active === projection.version),
        ...howFar(progress, store.partitions, entries),
      };
    }),
  );
}

function statusOf(stuck: boolean, active: boolean): ProjectionStatus['status'] {
  if (stuck) return 'error';
  return active ? 'active' : 'rebuilding';
}

/** Of the partitions that this instance owns; others tell for theirs. */
async function isStuck(consumers: readonly ConsumerAdmin[], group: string): Promise<boolean> {
  const consumer = consumers.find((one) => one.group === group);
  if (consumer === undefined) return false;
  try {
    const { partitions } = await within(TIMEOUT_MS, () => consumer.status());
    return partitions.some(({ state }) => STUCK.has(state));
  } catch {
    // its state is asked from Redis too, which may be gone
    return false;
  }
}

function howFar(
  { group, partitions: begun, handledEntries, parkedEvents }: ProjectionProgress,
  partitions: number,
  entries: readonly number[] | null,
) {
  const positions = new Map(begun.map(({ partition, position }) => [partition, position]));
  const total = entries === null ? null : entries.reduce((sum, one) => sum + one, 0);
  const latest = Math.max(...begun.map(({ updatedAt }) => updatedAt.getTime()));
  return {
    group,
    lastProcessedPosition: Object.fromEntries(
      Array.from({ length: partitions }, (_, partition) => [
        `${partition}`,
        positions.get(partition) ?? null,
      ]),
    ),
    lag: total === null ? null : Math.max(0, total - handledEntries),
    progress: {
      handledEvents: handledEntries,
      totalEvents: total,
      percent: percentOf(handledEntries, total),
    },
    parkedEvents,
    updatedAt: begun.length === 0 ? null : new Date(latest).toISOString(),
  };
}

/** Rounded down, so that 100 means all. */
function percentOf(handled: number, total: number | null): number | null {
  if (total === null) return null;
  return total === 0 ? 100 : Math.min(100, Math.floor((1_000 * handled) / total) / 10);
}
