import type { EventStore } from '@headrace/event-store';
import type { Database, ProjectionRunner } from '@headrace/projections';
import type { Look } from '../progress/looks.ts';

/** What routes work with. */
export interface RouteDeps {
  readonly store: Pick<EventStore, 'partitions' | 'keys' | 'redis' | 'readEvent' | 'readStream' | 'check'>;
  readonly database: Database<unknown>;
  readonly look: Look;
  /** The projections' consumer groups in this process. */
  readonly runner: Pick<ProjectionRunner, 'admins' | 'arrival' | 'isBehind' | 'refresh' | 'eventsPerSecond'>;
  /** Waiting for an event ends after this time, ms, however long the client would wait. */
  readonly longestWaitMs: number;
}
