import { formatPosition } from '@headrace/event-schema';
import { BlockedStreams } from '../delivery/blocked-streams.ts';
import { FailureStreak } from '../delivery/failure-streak.ts';
import { noteSuccess } from '../delivery/handle-with-retries.ts';
import type { SessionContext } from '../delivery/session-context.ts';
import { CrashRecovery, type RecoveryEnd } from './crash-recovery.ts';
import type { SharedPages } from './shared-pages.ts';
import type { SharedTransactions } from './shared-transactions.ts';
import type { TransactionalHandler } from './transactional-handler.ts';
import type { Checkpoint, Ownership, Step, Takeover, TransactionalSink } from './transactional-sink.ts';

/** What the sessions of a consumer share. */
export interface TransactionalWork<Tx> {
  readonly sink: TransactionalSink<Tx>;
  readonly handler: TransactionalHandler<Tx>;
  readonly pages: SharedPages;
  readonly transactions: SharedTransactions<Tx>;
  /** Told where the sink's checkpoint is; with `undefined` when the session ends. */
  readonly onStored: (partition: number, entryId: string | null | undefined) => void;
}

/** One owner's work on one partition: how far it has come, and what it knows of the partition. */
export class TransactionalSession<Tx> {
  readonly context: SessionContext;
  readonly shared: TransactionalWork<Tx>;
  readonly blocked: BlockedStreams;
  readonly streak: FailureStreak;
  readonly recovery: CrashRecovery;
  #checkpoint: Checkpoint;
  #storedEntryId: string | null;

  constructor(
    context: SessionContext,
    shared: TransactionalWork<Tx>,
    takeover: Extract<Takeover, { status: 'taken' }>,
    recoveryEnd: RecoveryEnd | null,
  ) {
    const { policy, progress } = context;
    const { checkpoint, suspect } = takeover;
    this.context = context;
    this.shared = shared;
    this.blocked = new BlockedStreams(policy, progress, takeover);
    this.streak = new FailureStreak(policy);
    this.recovery = new CrashRecovery(policy.maxCrashes, recoveryEnd, suspect);
    this.#checkpoint = checkpoint;
    this.#storedEntryId = checkpoint.entryId;
  }

  /** How far the session has come. */
  get checkpoint(): Checkpoint {
    return this.#checkpoint;
  }

  /** Last stored position; lags `checkpoint` while events without effect are skipped. */
  get storedEntryId(): string | null {
    return this.#storedEntryId;
  }

  get ownership(): Ownership {
    return ownershipOf(this.context);
  }

  /** A step from where the sink's checkpoint is. */
  stepWith<Change extends Partial<Step>>(change: Change): Ownership & Pick<Step, 'from'> & Change {
    return { ...this.ownership, from: this.#storedEntryId, ...change };
  }

  /** Shows where the session begins. */
  begin(): void {
    this.#showProgress();
    this.#noteStored(this.#storedEntryId);
  }

  /** Events up to there need nothing done; the sink's checkpoint follows later. */
  skipTo(checkpoint: Checkpoint): void {
    this.#checkpoint = checkpoint;
    this.#showProgress();
  }

  /** The sink's checkpoint is there now. */
  moveTo(checkpoint: Checkpoint): void {
    this.#checkpoint = checkpoint;
    this.#noteStored(checkpoint.entryId);
    this.recovery.clear(checkpoint.entryId);
    this.#showProgress();
  }

  /** Moves the sink's checkpoint to where skipped events have moved the session. @throws FencedError */
  async storeCheckpoint(): Promise<void> {
    const { entryId } = this.#checkpoint;
    if (entryId === this.#storedEntryId) return;
    const { transactions, handler } = this.shared;
    await transactions.commit(handler, this.stepWith({ to: this.#checkpoint }), []);
    this.#noteStored(entryId);
  }

  /** From the sink's checkpoint on, events are handled in batches. @throws FencedError */
  async endRecovery(): Promise<void> {
    if (!this.recovery.isActive) return;
    await this.shared.sink.endCare(this.ownership);
    this.recovery.end();
  }

  /** Events were handled; with 0, skipped. */
  noteHandled(count: number): void {
    if (noteSuccess(this.context, this.streak, count)) this.blocked.makeDue();
  }

  #showProgress(): void {
    const { progress, lease } = this.context;
    const { entryId, handledEntries } = this.#checkpoint;
    progress.position = entryId === null ? null : formatPosition(lease.partition, entryId);
    progress.handledEntries = handledEntries;
    progress.inFlight = 0;
  }

  #noteStored(entryId: string | null): void {
    this.#storedEntryId = entryId;
    this.shared.onStored(this.context.lease.partition, entryId);
  }
}

export function ownershipOf({ group, lease }: Pick<SessionContext, 'group' | 'lease'>): Ownership {
  return { group, partition: lease.partition, epoch: lease.epoch };
}
