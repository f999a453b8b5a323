import type { ConsumerAdmin } from '@headrace/consumer';
import type { EventStore } from '@headrace/event-store';
import type { Database } from '@headrace/projections';

/** What routes work with. */
export interface RouteDeps {
  readonly store: Pick<EventStore, 'partitions' | 'keys' | 'redis' | 'readEvent' | 'readStream' | 'check'>;
  readonly database: Pick<Database<unknown>, 'db' | 'check'>;
  /** The projections' consumer groups in this process. */
  readonly consumers: readonly ConsumerAdmin[];
  /** Waiting for an event ends after this time, ms, however long the client would wait. */
  readonly longestWaitMs: number;
}
