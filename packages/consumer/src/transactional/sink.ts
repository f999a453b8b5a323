/** How far a group has come on one partition. */
export interface Checkpoint {
  /** Redis entry id of the last event that needs no more work; null before the first. */
  readonly entryId: string | null;
  /** Stream and version of that event, to recognise it by. */
  readonly stream: string | null;
  readonly version: number;
  /** Entries of the partition up to it. */
  readonly handledEntries: number;
}

export interface PartitionOfGroup {
  readonly group: string;
  readonly partition: number;
}

export interface ParkedEvent {
  readonly stream: string;
  readonly entryId: string;
  readonly cause: 'poison' | 'unreadable' | 'blocked';
  readonly error: string | null;
  readonly attempts: number;
  readonly instance: string;
}

export interface StoredParkedEvent extends ParkedEvent, PartitionOfGroup {
  readonly parkedAt: string;
}

export type SinkRequest =
  | { readonly id: string; readonly kind: 'retry'; readonly stream: string }
  | { readonly id: string; readonly kind: 'discard'; readonly stream: string; readonly entryId: string };

/** One step of a partition's owner: everything in it happens in one transaction, or nothing does. */
export interface Step extends PartitionOfGroup {
  readonly epoch: number;
  /** Where the owner believes the checkpoint to be; anywhere else fences it. */
  readonly from: string | null;
  /** Where the checkpoint is to be afterwards; absent: where it is. */
  readonly to?: Checkpoint;
  readonly park?: readonly ParkedEvent[];
  /** Entry id of a parked event of `stream` that is done with. */
  readonly unpark?: { readonly stream: string; readonly entryId: string };
  /** A parked event that failed again. */
  readonly failedAgain?: ParkedEvent;
  /** Id of the request that is done with this step. */
  readonly finishedRequest?: string;
}

export type Takeover =
  | { readonly status: 'taken'; readonly checkpoint: Checkpoint; readonly blocked: readonly string[] }
  /** The database has seen a higher epoch than the one claimed with. */
  | { readonly status: 'outdated'; readonly epoch: number };

/**
 * Where a transactional consumer keeps its checkpoint, its dead letters and its effects, all in one database.
 * Implementations lock the checkpoint row before anything else, so that overlapping owners cannot deadlock.
 */
export interface TransactionalSink<Tx> {
  takeOver(
    claim: PartitionOfGroup & { readonly epoch: number; readonly instance: string },
  ): Promise<Takeover>;
  /** @throws FencedError when epoch or checkpoint are not the caller's any more; nothing has changed then */
  transact(step: Step, work?: (tx: Tx) => Promise<void>): Promise<void>;
  parkedOf(of: PartitionOfGroup, stream: string): Promise<readonly StoredParkedEvent[]>;
  /** All of a group's parked events: by partition, stream, then order in the stream. */
  parked(group: string, limit: number): Promise<readonly StoredParkedEvent[]>;
  requests(of: PartitionOfGroup): Promise<readonly SinkRequest[]>;
  request(
    of: PartitionOfGroup,
    request: {
      readonly kind: 'retry' | 'discard';
      readonly stream: string;
      readonly entryId?: string;
      readonly reason?: string;
    },
  ): Promise<void>;
}
