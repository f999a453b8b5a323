import { entryIdOf } from '@headrace/event-schema';
import { kindOf, PoisonError, whyParked } from '../delivery/failures.ts';
import { processGate } from '../delivery/gate.ts';
import { retryTime } from '../delivery/held-streams.ts';
import { discardedOutcome, failedOutcome, handledOutcome } from '../delivery/outcomes.ts';
import { isOver } from '../delivery/session.ts';
import type { DoneRequest, ParkedRecord } from './group-state.ts';
import { handleHeld } from './inbox.ts';
import { report, type Workplace } from './workplace.ts';

/** What an operator asked a partition's owner to do, as it stands in Redis; `actor` is empty where nobody knows. */
export type AdminRequest = {
  readonly stream: string;
  /** Absent where an older release has asked. */
  readonly actor?: string;
  readonly requestedAt?: string;
} & (
  | { readonly kind: 'retry' }
  | { readonly kind: 'discard'; readonly eventId: string; readonly reason: string }
);

/** Tries parked events again: those that operators ask for, and those that are deferred, once their time has come. */
export interface Retries {
  /** Adds what is to be done to the lanes, each in that of its stream: its parked events come before its next ones. */
  addDue(): Promise<void>;
  /** For a task in the lane of a stream that can only go on once there is room: does what operators ask, and what is due. */
  runDueOf(stream: string): Promise<void>;
}

/** How often to look for what operators ask for. */
export const LOOK_EVERY_MS = 500;
/** The same while nothing is parked: a request may have come too late, or been left by an owner before. */
export const REST_MS = 30_000;
/** The others wait for the next look. */
const REQUESTS_AT_ONCE = 100;

export function createRetries<Message>(workplace: Workplace<Message>): Retries {
  const { state, held, lanes } = workplace;
  /** Requests, and deferred streams, that are in the lanes. */
  const discarded = new Set<string>();
  const asked = new Set<string>();
  const retried = new Set<string>();
  /** Each may take long to fail, and what comes new needs room beside them; neither kind keeps the other waiting. */
  const { concurrency } = workplace.context.policy;
  const mostRetried = Math.max(1, Math.floor(concurrency / 2));
  const mostAsked = Math.max(1, concurrency - mostRetried - 1);
  let lookAt = 0;
  let restAt = 0;

  /** Once, however often it is found before it is done; not at all, where it has been done by then. */
  function addOnce(inHand: Set<string>, name: string, stream: string, work: () => Promise<void>): void {
    if (inHand.has(name)) return;
    inHand.add(name);
    lanes.add(stream, async () => {
      if (!inHand.has(name)) return;
      await work();
      inHand.delete(name);
    });
  }

  async function run(request: AdminRequest, text: string): Promise<void> {
    if (request.kind === 'retry') await retry(workplace, request.stream, text);
    else await discard(workplace, request, text);
  }

  /** @returns whether there is more, for when one of these is done */
  async function addRequests(): Promise<boolean> {
    let isMore = false;
    for (const text of await state.requests(REQUESTS_AT_ONCE)) {
      const request = JSON.parse(text) as AdminRequest;
      const inHand = request.kind === 'discard' ? discarded : asked;
      const isTooMany = inHand === asked && asked.size >= mostAsked && !asked.has(text);
      if (isTooMany) isMore = true;
      else addOnce(inHand, text, request.stream, () => run(request, text));
    }
    return isMore;
  }

  function addDeferred(): void {
    const waiting = held.due().filter((stream) => !retried.has(stream));
    for (const stream of waiting.slice(0, Math.max(0, mostRetried - retried.size)))
      addOnce(retried, stream, stream, () => retry(workplace, stream));
  }

  return {
    addDue: async () => {
      const now = performance.now();
      if (now < (held.size() > 0 ? lookAt : restAt)) return;
      restAt = now + REST_MS;
      lookAt = (await addRequests()) ? now : now + LOOK_EVERY_MS;
      addDeferred();
    },
    runDueOf: async (stream) => {
      for (const text of await state.requests(REQUESTS_AT_ONCE)) {
        const request = JSON.parse(text) as AdminRequest;
        if (request.stream !== stream) continue;
        await run(request, text);
        // it may stand in the lane behind the caller
        asked.delete(text);
        discarded.delete(text);
      }
      if (held.due().includes(stream)) await retry(workplace, stream);
    },
  };
}

/**
 * Handles a stream's parked events again, in order, until one fails.
 * @param request what asked for it; absent: the stream's time has come
 */
async function retry<Message>(
  workplace: Workplace<Message>,
  stream: string,
  request?: string,
): Promise<void> {
  const { context, state, held } = workplace;
  const done = (outcome: string): DoneRequest | undefined =>
    request === undefined ? undefined : { text: request, outcome };
  let handled = 0;
  while (!isOver(context.lease)) {
    const record = await state.firstParked(stream);
    if (record === null) {
      const left = await state.unpark(stream, { record: '', request: done(handledOutcome(handled)) });
      if (left === 0) held.release(stream);
      return;
    }
    const failure = await tryOne(workplace, JSON.parse(record) as ParkedRecord, request !== undefined);
    if (failure !== undefined) {
      await state.unpark(stream, { record, changed: failure, request: done(failedOutcome(failure)) });
      held.hold(stream, failure);
      return;
    }
    workplace.noteHandled();
    await state.unpark(stream, { record });
    handled += 1;
  }
}

/** Undefined when it worked, else the record with the new failure. */
async function tryOne<Message>(
  workplace: Workplace<Message>,
  record: ParkedRecord,
  isAsked: boolean,
): Promise<ParkedRecord | undefined> {
  const { context, inbox } = workplace;
  const { store, lease } = context;
  const [entry] = await store.redis.xrange(inbox.key(lease.partition), record.entryId, record.entryId);
  if (entry === undefined)
    return failedAgain(workplace, record, new Error('the log no longer holds this event; discard it'));
  const message = inbox.decode(lease.partition, record.entryId, entry[1]);
  const unreadable = inbox.unreadable(message);
  if (unreadable !== undefined) return failedAgain(workplace, record, new Error(unreadable));
  try {
    if (inbox.wants(message)) await handleAgain(workplace, record.entryId, message, isAsked);
    return undefined;
  } catch (error) {
    if (kindOf(error) === 'fenced') throw error;
    const failed = failedAgain(workplace, record, error);
    if (failed.cause === 'poison' && record.cause !== 'poison')
      report(workplace, message, failed.cause, error, failed.attempts);
    return failed;
  }
}

function failedAgain<Message>(
  { context, streak }: Workplace<Message>,
  { retryAt: _, ...record }: ParkedRecord,
  error: unknown,
): ParkedRecord {
  const { instance, policy } = context;
  const failed = { ...record, ...whyParked(error), attempts: record.attempts + 1, instance };
  return streak.mayPass(record.cause, error)
    ? { ...failed, cause: 'deferred', retryAt: retryTime(policy).toISOString() }
    : { ...failed, cause: 'poison' };
}

/**
 * One that kills the process must not do so again and again: what an operator asks for may do so once, what is tried
 * by itself as often as when it came first, and under suspicion alone.
 */
async function handleAgain<Message>(
  { context, inbox, state }: Workplace<Message>,
  entryId: string,
  message: Message,
  isAsked: boolean,
): Promise<void> {
  const { lease, policy } = context;
  const crashes = await state.crashesOf(entryId);
  if (crashes >= (isAsked ? 1 : policy.maxCrashes)) {
    await state.forgive(entryId, crashes);
    if (isAsked) throw new Error('the process died while handling this again');
    // nothing that may pass, whatever else has failed or worked
    throw new PoisonError(`the process died ${crashes} times while handling this again`);
  }
  const pass = crashes > 0 ? processGate.alone : processGate.shared;
  await pass(() => state.attempt(entryId, () => handleHeld(lease, inbox, message, true)));
}

async function discard<Message>(
  { state, held }: Workplace<Message>,
  { stream, eventId }: Extract<AdminRequest, { kind: 'discard' }>,
  request: string,
): Promise<void> {
  const entryId = entryIdOf(eventId);
  const record = (await state.parked(stream)).find(
    (text) => (JSON.parse(text) as ParkedRecord).entryId === entryId,
  );
  const done = { text: request, outcome: discardedOutcome(record !== undefined) };
  if ((await state.unpark(stream, { record: record ?? '', request: done })) === 0) held.release(stream);
}
