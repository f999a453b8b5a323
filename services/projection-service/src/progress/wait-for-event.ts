import { partitionOfPosition } from '@headrace/event-schema';
import type { EventStore } from '@headrace/event-store';
import type { Database } from '@headrace/postgres';
import { activeVersion, type ProjectionRunner, progressOf } from '@headrace/projections';
import { logEntries } from './log-entries.ts';
import type { MaterialisedLookup } from './materialised-lookup.ts';

const FIRST_DELAY_MS = 10;
const LONGEST_DELAY_MS = 200;
const GROWTH = 1.3;
/** The consumer that is about to handle the event may stop before it does. */
const LONGEST_BLIND_MS = 500;

/** The event, or an earlier one of its stream, could not be handled and waits for an operator. */
export class EventParkedError extends Error {
  readonly code = 'EVENT_PARKED';
  readonly eventId: string;
  readonly projection: string;
  constructor(eventId: string, projection: string) {
    super(`event ${eventId} is parked for projection ${projection}; see GET /dead-letters`);
    this.name = 'EventParkedError';
    this.eventId = eventId;
    this.projection = projection;
  }
}

/** How far a projection has come on the partition of the event that was waited for. */
export interface PartitionLag {
  readonly partition: number;
  /** Position of the last event that needs no more work; null before the first. */
  readonly position: string | null;
  /** Events not handled yet; null while Redis cannot tell. */
  readonly events: number | null;
}

/** The projection has not come to the event in the time allowed. */
export class NotMaterialisedError extends Error {
  readonly code = 'NOT_MATERIALISED';
  readonly eventId: string;
  readonly projection: string;
  readonly waitedMs: number;
  readonly lag: PartitionLag;
  constructor(eventId: string, projection: string, waitedMs: number, lag: PartitionLag) {
    super(`projection ${projection} did not come to event ${eventId} within ${waitedMs} ms`);
    this.name = 'NotMaterialisedError';
    this.eventId = eventId;
    this.projection = projection;
    this.waitedMs = waitedMs;
    this.lag = lag;
  }
}

export interface Wait {
  readonly eventId: string;
  readonly projection: string;
  readonly timeoutMs: number;
  /** Ends the waiting early, as if the time were over. */
  readonly signal: AbortSignal;
}

/** What waiting works with. */
export interface WaitDeps {
  readonly store: Pick<EventStore, 'partitions' | 'keys' | 'redis'>;
  readonly database: Pick<Database<unknown>, 'db'>;
  readonly materialised: MaterialisedLookup;
  readonly runner: Pick<ProjectionRunner, 'arrival' | 'isBehind'>;
}

/**
 * Resolves with the active version of a projection when that has the event. Asks the database when this process has
 * handled it and, where another process may handle it, at growing intervals of 10 to 200 ms; at least once, whatever
 * the timeout.
 * @throws EventParkedError, NotMaterialisedError
 */
export async function untilMaterialised(
  { store, database, materialised, runner }: WaitDeps,
  { eventId, projection, timeoutMs, signal }: Wait,
): Promise<number> {
  const started = performance.now();
  const timeLeft = (): number => Math.max(0, started + timeoutMs - performance.now());
  if (runner.isBehind(projection, eventId))
    await runner.arrival(projection, eventId, Math.min(LONGEST_BLIND_MS, timeLeft()), signal);
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * GROWTH, LONGEST_DELAY_MS)) {
    // listens before it asks: the event may arrive while the query runs
    const waitMs = Math.min(delayMs, timeLeft());
    const arrival = runner.arrival(projection, eventId, waitMs, signal);
    const { state, version } = await materialised.find(eventId, projection);
    if (state === 'yes') return version;
    if (state === 'parked') throw new EventParkedError(eventId, projection);
    if (timeLeft() === 0 || signal.aborted) break;
    await arrival;
  }
  const lag = await lagOf(store, database, projection, partitionOfPosition(eventId));
  throw new NotMaterialisedError(eventId, projection, timeoutMs, lag);
}

async function lagOf(
  store: Pick<EventStore, 'partitions' | 'keys' | 'redis'>,
  database: Pick<Database<unknown>, 'db'>,
  name: string,
  partition: number,
): Promise<PartitionLag> {
  const version = await activeVersion(database, name);
  const [{ partitions }, entries] = await Promise.all([
    progressOf(database, { name, version }),
    logEntries(store),
  ]);
  const progress = partitions.find((candidate) => candidate.partition === partition);
  const total = entries?.[partition];
  return {
    partition,
    position: progress?.position ?? null,
    events: total === undefined ? null : Math.max(0, total - (progress?.handledEntries ?? 0)),
  };
}
