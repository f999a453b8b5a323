import type { EventStore } from '@headrace/event-store';
import type { Redis } from 'ioredis';
import type { Lease } from '../group/lease.ts';
import type { DeliveryPolicy } from './delivery-policy.ts';
import type { ParkedReport } from './message-facts.ts';
import type { PartitionProgress, Totals } from './partition-progress.ts';
import type { Wake } from './wake.ts';

/** What a session works with; a session is one owner's work on one partition. */
export interface SessionContext {
  readonly store: EventStore;
  /** For group state: it never resends a command, a lost reply is an error. */
  readonly redis: Redis;
  readonly wake: Wake;
  readonly group: string;
  readonly instance: string;
  readonly policy: DeliveryPolicy;
  readonly lease: Lease;
  readonly progress: PartitionProgress;
  /** Sessions in a row that have failed before this one without any progress. */
  readonly failuresBefore: number;
  readonly totals: Totals;
  readonly onError: (error: unknown) => void;
  readonly onParked: (parked: ParkedReport) => void;
}

export function isOver(lease: Lease): boolean {
  return lease.lost.aborted || lease.draining.aborted;
}
