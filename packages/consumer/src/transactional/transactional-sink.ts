import type { OperatorRequest, RequestFilter } from '../admin/consumer-admin.ts';
import type { DeadLetterTotals } from '../dead-letters/dead-letter.ts';
import type { ParkedEvent, ParkedPlace, StoredParkedEvent } from '../dead-letters/parked-event.ts';

/** How far a group has come on one partition. */
export interface Checkpoint {
  /** Redis entry id of the last event that needs no more work; null before the first. */
  readonly entryId: string | null;
  /** Stream and version of that event, to identify it by. */
  readonly stream: string | null;
  readonly version: number;
  /** Entries of the partition up to it. */
  readonly handledEntries: number;
}

export interface PartitionOfGroup {
  readonly group: string;
  readonly partition: number;
}

/**
 * How a partition goes on that has handled what the log has lost. `rebuild`: the group forgets everything and
 * begins anew; `accept`: it keeps the effects and goes on after the last event that the log still has.
 */
export type ResyncWay = 'rebuild' | 'accept';

/** What operators ask a partition's owner to do; kept after it is done, as a record of what was done, when and why. */
export type NewSinkRequest =
  | { readonly kind: 'retry'; readonly stream: string; readonly actor?: string | null }
  | {
      readonly kind: 'discard';
      readonly stream: string;
      readonly entryId: string;
      readonly reason: string;
      readonly actor?: string | null;
    }
  | {
      readonly kind: 'resync';
      readonly how: ResyncWay;
      readonly reason: string;
      readonly actor: string | null;
    };

export type SinkRequest =
  | { readonly id: string; readonly kind: 'retry'; readonly stream: string }
  | { readonly id: string; readonly kind: 'discard'; readonly stream: string; readonly entryId: string }
  | { readonly id: string; readonly kind: 'resync'; readonly how: ResyncWay };

/** One step of a partition's owner: everything in it happens in one transaction, or nothing does. */
export interface Step extends Ownership {
  /** Where the owner believes the checkpoint to be; anywhere else fences it. */
  readonly from: string | null;
  /** Where the checkpoint is to be afterwards; absent: where it is. */
  readonly to?: Checkpoint;
  readonly park?: readonly ParkedEvent[];
  /** Entry id of a parked event of `stream` that is done with. Where it was deferred, the one behind it takes its turn. */
  readonly unpark?: { readonly stream: string; readonly entryId: string };
  /** A parked event that failed again. */
  readonly failedAgain?: ParkedEvent;
  /** Id of the request that is done with this step. */
  readonly finishedRequest?: string;
  /** What became of that request, for the record. */
  readonly outcome?: string;
}

/** A step that moves the checkpoint, and does nothing else to what the sink keeps. */
export type Move = Ownership & Required<Pick<Step, 'from' | 'to'>>;

/** What is done in a transaction. */
export type Work<Tx> = (tx: Tx) => Promise<void>;

/** An event that was being handled alone when its owner ended without releasing the partition. */
export interface Suspect {
  readonly entryId: string;
  /** How many owners in a row have ended so. */
  readonly crashes: number;
}

/** An owner's hold on a partition. */
export interface Ownership extends PartitionOfGroup {
  readonly epoch: number;
}

export interface Claim extends Ownership {
  readonly instance: string;
  /** Events that an owner has in hand at most; one before is taken to have had no more. */
  readonly batchSize: number;
}

export type Takeover =
  | {
      readonly status: 'taken';
      readonly checkpoint: Checkpoint;
      /** Streams with a parked event. */
      readonly blocked: readonly string[];
      /** Those of them with a deferred one, and when it is tried again, ms since the epoch. */
      readonly deferred: ReadonlyMap<string, number>;
      /**
       * An owner before may have died of an event: those that it may have had in hand are to be handled singly, up to
       * this one by the count of handled entries. Null where there is none of them.
       */
      readonly carefulUntil: number | null;
      readonly suspect: Suspect | null;
    }
  /** The database has seen a higher epoch than the one claimed with. */
  | { readonly status: 'outdated'; readonly epoch: number };

/**
 * Where a transactional consumer keeps its checkpoint, its dead letters and its effects, all in one database.
 * Implementations lock the checkpoint row before anything else, so that overlapping owners cannot deadlock.
 */
export interface TransactionalSink<Tx> {
  /**
   * Makes the caller the owner. An owner that does not release the partition counts as one that may have died;
   * one that takes over again under its own epoch is alive and does not. If an owner ends before it calls `endCare`,
   * the next one continues to handle events one by one where it stopped; the range does not grow.
   */
  takeOver(claim: Claim): Promise<Takeover>;
  /** Ends an ownership in order. Nothing if it is another's by now. */
  release(owner: Ownership): Promise<void>;
  /** Notes that the owner has events in hand together from now on. @throws FencedError */
  endCare(owner: Ownership): Promise<void>;
  /**
   * Notes, outside of any transaction, that an event is about to be handled alone. If its owner ends without
   * releasing, before the step that handles or parks it, that counts as a crash of this event.
   * @param crashes of this event, as its owner knows them; the sink remembers those of one event only, and another one
   *   may have been tried since
   * @throws FencedError
   */
  begin(owner: Ownership, entryId: string, crashes?: number): Promise<void>;
  /** @throws FencedError when epoch or checkpoint are not the caller's any more; nothing has changed then */
  transact(step: Step, work?: Work<Tx>): Promise<void>;
  /**
   * Takes one or more steps, each of another partition or another group, in one transaction, without waiting for any
   * of their checkpoints. Works are begun in their order and go on beside each other, so that no statement waits for
   * the answer to another; the transaction ends when all have ended, and is rolled back when one has failed.
   * @throws FencedError as `transact` does, for any of them, also where another transaction has a checkpoint locked; nothing
   * has changed then
   */
  moveAll(moves: readonly Move[], works?: readonly Work<Tx>[]): Promise<void>;
  /**
   * Runs `work`, which deletes the group's effects, and puts all its partitions back before their first event,
   * without dead letters, in one transaction. Its open requests are done with that.
   * @throws FencedError as `transact` does
   */
  startOver(
    step: Pick<Step, 'group' | 'partition' | 'epoch' | 'from'>,
    outcome: string,
    work: Work<Tx>,
  ): Promise<void>;
  /** Epoch and checkpoint as they stand; null where the partition never had an owner. */
  current(
    partition: PartitionOfGroup,
  ): Promise<{ readonly epoch: number; readonly checkpoint: Checkpoint } | null>;
  parkedOf(partition: PartitionOfGroup, stream: string): Promise<readonly StoredParkedEvent[]>;
  /** A group's parked events after a place, by default from the first on: by partition, stream, then order in the stream. */
  parked(group: string, limit: number, after?: ParkedPlace): Promise<readonly StoredParkedEvent[]>;
  parkedTotals(group: string): Promise<DeadLetterTotals>;
  /** At most 100 that are not done: resyncs first, then the oldest. */
  requests(partition: PartitionOfGroup): Promise<readonly SinkRequest[]>;
  /** A request that is open already is not added again. */
  request(partition: PartitionOfGroup, request: NewSinkRequest): Promise<void>;
  /** As `request`, for many at once. */
  requestMany(
    group: string,
    requests: readonly (NewSinkRequest & Pick<PartitionOfGroup, 'partition'>)[],
  ): Promise<void>;
  /** At most `limit` requests: open ones first, then finished ones; of each the newest first. */
  requestsOf(group: string, limit: number, filter?: RequestFilter): Promise<readonly OperatorRequest[]>;
}
