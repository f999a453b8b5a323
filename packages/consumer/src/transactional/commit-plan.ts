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

/** How a transaction goes through the process's gate: beside others, or alone while its event is suspected of a crash. */
export type Pass = (transact: () => Promise<void>) => Promise<void>;

export interface CommitOptions {
  /** Default: it runs beside other transactions. */
  readonly pass?: Pass;
  /** Whether other partitions may be part of the transaction; not while events are tried one by one. Default false. */
  readonly mayShare?: boolean;
}

/**
 * Carries a plan out in one transaction: the effects, the dead letters, and the checkpoint at the end of the page.
 * @param plan called again while there is no room for its dead letters: an operator may unblock streams meanwhile
 * @returns how many events were handled
 * @throws FencedError, or what the handler throws
 */
export async function planAndCommit<Tx>(
  session: TransactionalSession<Tx>,
  plan: () => PagePlan,
  { pass = processGate.shared, mayShare = false }: CommitOptions = {},
): Promise<number> {
  const first = plan();
  // in a recovery each event is stored, so that the next owner does not try it again
  if (isOnlyMove(first) && !session.recovery.isActive) {
    session.skipTo(first.to);
    return 0;
  }
  // the rest may kill the process or wait for long: the next owner recovers from the stored checkpoint
  await session.storeCheckpoint();
  // not inside the gate: waiting for an operator there would hold up all other transactions
  const planned = await planWithRoom(session, first, plan);
  if (session.context.lease.lost.aborted) throw new FencedError('committing');
  await pass(() => commit(session, planned, mayShare && canShare(session, planned)));
  session.moveTo(planned.to);
  for (const parked of planned.park) noteParked(session, planned.page, parked);
  return planned.handle.length;
}

/** Shared transactions park nothing; and a full page fills a transaction by itself. */
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
