import type { EventRegistry } from '@headrace/event-schema';
import type { Redis } from 'ioredis';
import type { AppendConnections } from './connection/append-connections.ts';
import type { StoreKeys } from './keys.ts';
import type { EventStoreSettings } from './settings.ts';
import type { Turns } from './turns.ts';

/** What every part of the store works with. */
export interface StoreContext {
  readonly settings: EventStoreSettings;
  readonly keys: StoreKeys;
  readonly registry: EventRegistry;
  /** Reads, and writes that may be repeated. */
  readonly reader: Redis;
  readonly appends: AppendConnections;
  /** Commands of this process that wait for each other. */
  readonly turns: Turns;
  /** Aborted when the store is closed. */
  readonly closing: AbortSignal;
}
