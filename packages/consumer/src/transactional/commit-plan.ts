import { type EventEnvelope, entryIdOf } from '@headrace/event-schema';
import { type ParkedEvent, reportParked } from '../dead-letters/parked-event.ts';
import { processGate } from '../delivery/gate.ts';
import { factsOfEvent } from '../delivery/message-facts.ts';
import { FencedError } from '../errors.ts';
import { inBatchSpans } from '../tracing/batch-spans.ts';
import { isOnlyMove, type PagePlan } from './page-plan.ts';
import { planWithRoom } from './parked-room.ts';
import { workOf } from './transactional-handler.ts';
import type { TransactionalSession } from './transactional-session.ts';

/** How a transaction passes the process's gate. */
export type Pass = (transact: () => Promise<void>) => Promise<void>;

export interface CommitOptions {
  /** Default: beside other transactions. */
  readonly pass?: Pass;
  /** Whether other partitions may be part of the transaction: not while a failure is looked into. */
  readonly mayShare?: boolean;
}

/**
 * Carries a plan out in one transaction: the effects, the dead letters, and the checkpoint at the end of the page.
 * @param plan made again while it waits for room: operators may free streams meanwhile
 * @returns how many events were handled
 * @throws FencedError, or what the handler throws
 */
export async function planAndCommit<Tx>(
  session: TransactionalSession<Tx>,
  plan: () => PagePlan,
  { pass = processGate.shared, mayShare = false }: CommitOptions = {},
): Promise<number> {
  const first = plan();
  if (isOnlyMove(first) && !session.recovery.isActive) {
    session.skipTo(first.to);
    return 0;
  }
  // what may kill the process, or wait, begins at the sink's checkpoint: the next owner recovers from there
  await session.storeCheckpoint();
  // before the gate: what passes it must not keep others waiting for an operator
  const planned = await planWithRoom(session, first, plan);
  if (session.context.lease.lost.aborted) throw new FencedError('committing');
  await pass(() => commit(session, planned, mayShare && canShare(session, planned)));
  session.moveTo(planned.to);
  for (const parked of planned.park) noteParked(session, planned.page, parked);
  return planned.handle.length;
}

/** A full page fills a transaction by itself. */
function canShare<Tx>({ context, shared }: TransactionalSession<Tx>, { page, park }: PagePlan): boolean {
  const isFull = page.length >= context.policy.batchSize;
  return shared.handler.mixesPartitions === true && park.length === 0 && !isFull;
}

async function commit<Tx>(
  session: TransactionalSession<Tx>,
  { handle, park, to }: PagePlan,
  isShared: boolean,
): Promise<void> {
  const { sink, handler, transactions } = session.shared;
  if (isShared) return await transactions.commit(handler, session.stepWith({ to }), handle);
  await inBatchSpans([{ group: session.context.group, events: handle }], () =>
    sink.transact(session.stepWith({ to, park }), workOf(handler, handle)),
  );
}

function noteParked<Tx>(
  { context, blocked }: TransactionalSession<Tx>,
  page: readonly EventEnvelope[],
  parked: ParkedEvent,
): void {
  blocked.block(parked.stream, parked);
  const event = page.find(({ position }) => entryIdOf(position) === parked.entryId);
  if (event !== undefined) reportParked(context, factsOfEvent(event), parked);
}
