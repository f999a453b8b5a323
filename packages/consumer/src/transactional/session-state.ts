import { type EventEnvelope, entryIdOf } from '@headrace/event-schema';
import { whyParked } from '../delivery/failures.ts';
import { noteSuccess } from '../delivery/handling.ts';
import { type HeldStreams, retryTime } from '../delivery/held-streams.ts';
import { factsOfEvent } from '../delivery/message-facts.ts';
import type { SessionContext } from '../delivery/session.ts';
import type { FailureStreak } from '../delivery/streak.ts';
import type { Care } from './care.ts';
import type { SharedPages } from './shared-pages.ts';
import type { SharedTransactions } from './shared-transactions.ts';
import type {
  Checkpoint,
  Move,
  Ownership,
  ParkedEvent,
  Step,
  Suspect,
  TransactionalSink,
  Work,
} from './sink.ts';

/** What a transactional consumer does with events, in the transaction that moves its checkpoint. */
export interface TransactionalHandler<Tx> {
  /** Event types that are handled; absent: all. Others only move the checkpoint. */
  readonly types?: readonly string[];
  /**
   * Whether a batch may hold events of several partitions, each partition's in their order, so that partitions that
   * are ready together share a transaction, where the consumers have `transactions` in common also with other groups,
   * whose statements then come in between: such a handler changes nothing about the transaction itself (savepoints,
   * `set local`), and locks rows in one order. Default: false, a batch is of one partition.
   */
  readonly mixesPartitions?: boolean;
  /**
   * False: the same events, handled again, may have other effects, such as the numbers of invoices. The group stops as
   * diverged on a database that has lost what it had handled, until an operator accepts that. Default: true, it goes
   * on from there by itself.
   */
  readonly isRepeatable?: boolean;
  /** Handles a batch, in order; runs again, with as many events or fewer, when the transaction was rolled back. */
  handle(events: readonly EventEnvelope[], tx: Tx): Promise<void>;
  /**
   * Deletes everything that the group has made of the log, so that it can begin anew; for groups whose effects are
   * the log's and nothing else, and who may be without them meanwhile. Absent: never.
   */
  reset?(tx: Tx): Promise<void>;
}

/** What is done with events in a transaction; undefined: nothing, where there are none. */
export function workOf<Tx>(
  handler: TransactionalHandler<Tx>,
  events: readonly EventEnvelope[],
): Work<Tx> | undefined {
  return events.length === 0 ? undefined : (tx) => handler.handle(events, tx);
}

/** What the sessions of a consumer share. */
export interface TransactionalWork<Tx> {
  readonly sink: TransactionalSink<Tx>;
  readonly handler: TransactionalHandler<Tx>;
  readonly pages: SharedPages;
  readonly transactions: SharedTransactions<Tx>;
  /** Told where the sink's checkpoint is; with `undefined` when the session ends. */
  readonly onStored: (partition: number, entryId: string | null | undefined) => void;
}

/** What the owner of a partition knows and holds while it works on it. */
export interface TransactionalSession<Tx> extends TransactionalWork<Tx> {
  readonly context: SessionContext;
  readonly held: HeldStreams;
  readonly streak: FailureStreak;
  /** Whether spans are recorded in this process. */
  readonly isTraced: boolean;
  /** How far the session has come. */
  checkpoint: Checkpoint;
  /** Where the sink's checkpoint is: behind, while what came since was nothing to be done about. */
  storedEntryId: string | null;
  /** Null: events are handled in batches. */
  care: Care | null;
  suspect: Suspect | null;
}

/** The session's hold on its partition. */
export function ownershipOf({ context }: Pick<TransactionalSession<never>, 'context'>): Ownership {
  const { group, lease } = context;
  return { group, partition: lease.partition, epoch: lease.epoch };
}

/** A step from where the sink's checkpoint is. */
export function stepFrom<Change extends Partial<Step>>(
  session: Pick<TransactionalSession<never>, 'context' | 'storedEntryId'>,
  change: Change,
): Ownership & Pick<Step, 'from'> & Change {
  return { ...ownershipOf(session), from: session.storedEntryId, ...change };
}

/**
 * Where events that nothing is done about have moved the session on without the sink: tells the sink.
 * @throws FencedError
 */
export async function storeCheckpoint<Tx>(session: TransactionalSession<Tx>): Promise<void> {
  const { transactions, handler, checkpoint, storedEntryId } = session;
  if (checkpoint.entryId === storedEntryId) return;
  const move: Move = stepFrom(session, { to: checkpoint });
  await transactions.commit(handler, move, []);
  noteStored(session, checkpoint.entryId);
}

/** From the sink's checkpoint on, events are handled in batches. @throws FencedError */
export async function endCare<Tx>(session: TransactionalSession<Tx>): Promise<void> {
  if (session.care === null) return;
  await session.sink.endCare(ownershipOf(session));
  session.care = null;
}

/** The sink's checkpoint is there now. */
export function noteStored<Tx>(session: TransactionalSession<Tx>, entryId: string | null): void {
  session.storedEntryId = entryId;
  session.onStored(session.context.lease.partition, entryId);
}

/** Events were handled; with 0, events were passed over that nothing is to be done about. */
export function noteHandled<Tx>({ context, streak, held }: TransactionalSession<Tx>, count: number): void {
  if (noteSuccess(context, streak, count)) held.makeDue();
}

/** The record of an event that cannot be handled now. */
export function parkedEvent(
  { instance, policy }: SessionContext,
  { stream, position }: Pick<EventEnvelope, 'stream' | 'position'>,
  cause: ParkedEvent['cause'],
  error: unknown,
  attempts: number,
): ParkedEvent {
  return {
    stream,
    entryId: entryIdOf(position),
    cause,
    ...whyParked(error),
    attempts,
    instance,
    retryAt: cause === 'deferred' ? retryTime(policy).toISOString() : null,
  };
}

/** Tells whoever watches that an event of a page is parked. */
export function reportParked(
  { group, totals, onParked }: SessionContext,
  page: readonly EventEnvelope[],
  { cause, entryId, error, attempts }: ParkedEvent,
): void {
  if (cause !== 'deferred') totals.parked += 1;
  const event = page.find(({ position }) => entryIdOf(position) === entryId);
  if (event === undefined || cause === 'blocked') return;
  onParked({ ...factsOfEvent(event), group, cause, error, attempts });
}
