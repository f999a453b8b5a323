import { type EventEnvelope, formatPosition } from '@headrace/event-schema';
import { kindOf } from '../delivery/failures.ts';
import { processGate } from '../delivery/gate.ts';
import { isOver } from '../delivery/session.ts';
import { inBatchSpans } from '../tracing/spans.ts';
import { convict } from './care.ts';
import { ownershipOf, parkedEvent, stepFrom, type TransactionalSession } from './session-state.ts';
import type { SinkRequest, StoredParkedEvent } from './sink.ts';

/** Carries out what operators asked for, oldest first, between batches. */
export async function runSinkRequests<Tx>(session: TransactionalSession<Tx>): Promise<void> {
  const { context, sink, blocked } = session;
  const of = { group: context.group, partition: context.lease.partition };
  for (const request of await sink.requests(of)) {
    if (isOver(context.lease)) return;
    // those are for partitions that have diverged, which get no further than that
    if (request.kind === 'resync') continue;
    if (request.kind === 'retry') await retry(session, request);
    else await discard(session, request);
    if ((await sink.parkedOf(of, request.stream)).length === 0) blocked.delete(request.stream);
  }
  context.progress.blockedStreams = blocked.size;
}

type RequestOf<Kind extends SinkRequest['kind']> = Extract<SinkRequest, { kind: Kind }>;

async function retry<Tx>(session: TransactionalSession<Tx>, request: RequestOf<'retry'>): Promise<void> {
  const { context, sink } = session;
  const of = { group: context.group, partition: context.lease.partition };
  for (const parked of await sink.parkedOf(of, request.stream)) {
    if (isOver(context.lease)) return;
    if (!(await retryOne(session, parked, request))) return;
  }
  await sink.transact(stepFrom(session, { finishedRequest: request.id }));
}

/**
 * Handles one parked event again; the effect and its removal are one transaction. It is noted before it begins:
 * one that kills the process must not do so for ever.
 */
async function retryOne<Tx>(
  session: TransactionalSession<Tx>,
  parked: StoredParkedEvent,
  request: RequestOf<'retry'>,
): Promise<boolean> {
  const { context, sink, handler } = session;
  const { stream, entryId } = parked;
  const event = await context.store.readEvent(formatPosition(parked.partition, entryId));
  try {
    const conviction = convict(session, entryId);
    if (conviction !== null) throw conviction.error;
    const readable = readableOrThrow(event);
    await processGate.alone(async () => {
      await sink.begin(ownershipOf(session), entryId);
      const transact = (): Promise<void> =>
        sink.transact(stepFrom(session, { unpark: { stream, entryId } }), (tx) =>
          handler.handle([readable], tx),
        );
      await (session.isTraced ? inBatchSpans(context.group, [readable], transact) : transact());
    });
    context.totals.handled += 1;
    return true;
  } catch (error) {
    if (kindOf(error) !== 'poison') throw error;
    const again =
      event === null ? { ...parked } : parkedEvent(context, event, 'poison', error, parked.attempts + 1);
    await sink.transact(stepFrom(session, { failedAgain: again, finishedRequest: request.id }));
    return false;
  }
}

function readableOrThrow(event: EventEnvelope | null): EventEnvelope {
  if (event === null) throw new Error('the log no longer holds this event; discard it');
  if (event.unreadable !== undefined) throw new Error(`still not readable: ${event.unreadable}`);
  return event;
}

async function discard<Tx>(session: TransactionalSession<Tx>, request: RequestOf<'discard'>): Promise<void> {
  const { stream, entryId, id } = request;
  await session.sink.transact(stepFrom(session, { unpark: { stream, entryId }, finishedRequest: id }));
}
