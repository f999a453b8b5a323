import { type EventEnvelope, formatPosition } from '@headrace/event-schema';
import { kindOf } from '../delivery/failures.ts';
import { processGate } from '../delivery/gate.ts';
import { discardedOutcome, failedOutcome, handledOutcome } from '../delivery/outcomes.ts';
import { isOver } from '../delivery/session.ts';
import { inBatchSpans } from '../tracing/spans.ts';
import { acquit, convict, crashesOf } from './care.ts';
import {
  noteHandled,
  ownershipOf,
  parkedEvent,
  reportParked,
  stepFrom,
  type TransactionalSession,
} from './session-state.ts';
import type { PartitionOfGroup, SinkRequest, StoredParkedEvent } from './sink.ts';

/** The others wait for the next look: new events come in between. */
const DUE_AT_ONCE = 10;
/** No other one is begun after this: new events come in between. */
const REQUESTS_FOR_MS = 250;

/** Carries out what operators asked for, oldest first, and tries again what is deferred and due; between batches. */
export async function runRetries<Tx>(session: TransactionalSession<Tx>): Promise<void> {
  const { context, sink, held } = session;
  const until = performance.now() + REQUESTS_FOR_MS;
  for (const request of await sink.requests(partitionOf(session))) {
    if (isOver(context.lease) || performance.now() > until) break;
    // those are for partitions that have diverged, which get no further than that
    if (request.kind === 'resync') continue;
    if (request.kind === 'retry') await retry(session, request.stream, request.id);
    else await discard(session, request);
  }
  for (const stream of held.due().slice(0, DUE_AT_ONCE)) {
    if (isOver(context.lease)) return;
    await retry(session, stream);
  }
}

function partitionOf<Tx>({ context }: TransactionalSession<Tx>): PartitionOfGroup {
  return { group: context.group, partition: context.lease.partition };
}

/** @param request what asked for it; absent: the stream's time has come */
async function retry<Tx>(session: TransactionalSession<Tx>, stream: string, request?: string): Promise<void> {
  const { context, sink, held } = session;
  const parkedEvents = await sink.parkedOf(partitionOf(session), stream);
  for (const parked of parkedEvents) {
    if (isOver(context.lease)) return;
    if (!(await retryOne(session, parked, request))) return;
  }
  if (request !== undefined) {
    const outcome = handledOutcome(parkedEvents.length);
    await sink.transact(stepFrom(session, { finishedRequest: request, outcome }));
  }
  held.release(stream);
}

/**
 * Handles one parked event again; the effect and its removal are one transaction. It is noted before it begins:
 * one that kills the process must not do so for ever.
 */
async function retryOne<Tx>(
  session: TransactionalSession<Tx>,
  parked: StoredParkedEvent,
  request: string | undefined,
): Promise<boolean> {
  const { context, sink, handler } = session;
  const { stream, entryId } = parked;
  const event = await context.store.readEvent(formatPosition(parked.partition, entryId));
  try {
    const conviction = convict(session, entryId);
    if (conviction !== null) throw conviction.error;
    const readable = readableOrThrow(event, handler.types === undefined);
    const crashes = crashesOf(session, entryId);
    // a first suspicion may be about another partition's event: a second one is made sure of
    const pass = crashes > 0 ? processGate.alone : processGate.shared;
    await pass(async () => {
      await sink.begin(ownershipOf(session), entryId, crashes);
      const transact = (): Promise<void> =>
        sink.transact(stepFrom(session, { unpark: { stream, entryId } }), (tx) =>
          handler.handle([readable], tx),
        );
      await (session.isTraced ? inBatchSpans(context.group, [readable], transact) : transact());
    });
    acquit(session, entryId);
    noteHandled(session, 1);
    return true;
  } catch (error) {
    if (kindOf(error) === 'fenced') throw error;
    await noteFailedAgain(session, parked, event, error, request);
    return false;
  }
}

async function noteFailedAgain<Tx>(
  session: TransactionalSession<Tx>,
  parked: StoredParkedEvent,
  event: EventEnvelope | null,
  error: unknown,
  request: string | undefined,
): Promise<void> {
  const { context, sink, held, streak } = session;
  const { stream, partition, entryId } = parked;
  const cause = streak.mayPass(parked.cause, error) ? 'deferred' : 'poison';
  const position = formatPosition(partition, entryId);
  const failedAgain = parkedEvent(context, { stream, position }, cause, error, parked.attempts + 1);
  const finished =
    request === undefined ? {} : { finishedRequest: request, outcome: failedOutcome(failedAgain) };
  await sink.transact(stepFrom(session, { failedAgain, ...finished }));
  acquit(session, entryId);
  held.hold(stream, failedAgain);
  if (event !== null && cause !== parked.cause) reportParked(context, [event], failedAgain);
}

/** @param anyway its handler takes what no contract describes */
function readableOrThrow(event: EventEnvelope | null, anyway: boolean): EventEnvelope {
  if (event === null) throw new Error('the log no longer holds this event; discard it');
  if (event.unreadable !== undefined && !anyway) throw new Error(`still not readable: ${event.unreadable}`);
  return event;
}

async function discard<Tx>(
  session: TransactionalSession<Tx>,
  { stream, entryId, id }: Extract<SinkRequest, { kind: 'discard' }>,
): Promise<void> {
  const { sink, held } = session;
  const isParked = (await sink.parkedOf(partitionOf(session), stream)).some((one) => one.entryId === entryId);
  const outcome = discardedOutcome(isParked);
  await sink.transact(stepFrom(session, { unpark: { stream, entryId }, finishedRequest: id, outcome }));
  if ((await sink.parkedOf(partitionOf(session), stream)).length === 0) held.release(stream);
}
