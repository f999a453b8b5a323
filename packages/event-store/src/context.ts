import type { EventRegistry } from '@headrace/event-schema';
import type { Redis } from 'ioredis';
import type { AppendMeter } from './append/append-meter.ts';
import type { CheckedState } from './append/checked-state.ts';
import type { GroupCommit } from './append/group-commit.ts';
import type { AppendConnections } from './connection/append-connections.ts';
import type { LogIdentity } from './connection/log-identity.ts';
import { StoreUnavailableError } from './errors.ts';
import type { StoreKeys } from './keys.ts';
import type { EventStoreSettings } from './store-settings.ts';
import type { StreamQueues } from './stream-queues.ts';

/** What the parts of the store share. */
export interface StoreContext {
  readonly settings: EventStoreSettings;
  readonly keys: StoreKeys;
  readonly registry: EventRegistry;
  /** Reads, and writes that may be repeated. */
  readonly reader: Redis;
  readonly appends: AppendConnections;
  readonly identity: LogIdentity;
  readonly groupCommit: GroupCommit;
  readonly meter: AppendMeter;
  /** Commands and checked appends of this process. */
  readonly queues: StreamQueues;
  /** State of a stream after the last checked append to it; kept only while others wait in its queue. */
  readonly checkedStates: Map<string, CheckedState>;
  /** Aborted when the store is closed. */
  readonly closing: AbortSignal;
  /** True once `open` has found the log to be of this store's shape; only then may anything be written. */
  readonly isOpen: () => boolean;
}

/**
 * Called before every write: as long as the number of partitions is not agreed on, an event could land on a partition
 * on which no reader looks for it.
 * @throws StoreUnavailableError before the store's `open` has succeeded
 */
export function requireOpen({ isOpen }: Pick<StoreContext, 'isOpen'>): void {
  if (!isOpen()) throw new StoreUnavailableError('this store has not been opened yet; nothing was written');
}
