import type { EventStore } from '@headrace/event-store';
import type { Database } from '@headrace/postgres';
import type { ProjectionRunner } from '@headrace/projections';
import type { MaterialisedLookup } from '../progress/materialised-lookup.ts';

/** What routes work with. */
export interface RouteDeps {
  readonly store: Pick<EventStore, 'partitions' | 'keys' | 'redis' | 'readEvent' | 'readStream' | 'check'>;
  readonly database: Database<unknown>;
  readonly materialised: MaterialisedLookup;
  /** The projections' consumer groups in this process. */
  readonly runner: Pick<ProjectionRunner, 'admins' | 'arrival' | 'isBehind' | 'refresh' | 'eventsPerSecond'>;
  /** Waiting for an event ends after this time, ms, however long the client would wait. */
  readonly longestWaitMs: number;
}
