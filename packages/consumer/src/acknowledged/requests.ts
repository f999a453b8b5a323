import { entryIdOf } from '@headrace/event-schema';
import { describe, kindOf } from '../delivery/failures.ts';
import { processGate } from '../delivery/gate.ts';
import { isOver, type SessionContext } from '../delivery/session.ts';
import type { GroupState, ParkedRecord } from './group-state.ts';
import { handleHeld, type Inbox } from './inbox.ts';

/** What an operator asked a partition's owner to do. */
export type AdminRequest =
  | { readonly kind: 'retry'; readonly stream: string }
  | { readonly kind: 'discard'; readonly stream: string; readonly eventId: string; readonly reason: string };

/**
 * Carries out operators' requests, oldest first. It runs while no event of a blocked stream is handled, so a
 * stream's parked events come before its next ones; calls at the same time share one run.
 */
export function createRequestRunner<Message>(
  context: SessionContext,
  inbox: Inbox<Message>,
  state: GroupState,
  blocked: Set<string>,
): () => Promise<void> {
  const { lease, progress, totals, store, instance } = context;

  async function retry(stream: string, request: string): Promise<void> {
    while (!isOver(lease)) {
      const first = await state.firstParked(stream);
      if (first === null) break;
      const failure = await tryOne(first);
      if (failure !== undefined) {
        await state.unpark(stream, first, JSON.stringify(failure), request);
        return;
      }
      totals.handled += 1;
      await state.unpark(stream, first, '', '');
    }
    if (isOver(lease)) return;
    if ((await state.unpark(stream, '', '', request)) === 0) blocked.delete(stream);
  }

  /** Undefined when it worked, else the record with the new failure. */
  async function tryOne(text: string): Promise<ParkedRecord | undefined> {
    const record = JSON.parse(text) as ParkedRecord;
    const failed = (error: unknown): ParkedRecord => ({
      ...record,
      cause: 'poison',
      error: describe(error),
      attempts: record.attempts + 1,
      instance,
    });
    const [entry] = await store.redis.xrange(inbox.key(lease.partition), record.entryId, record.entryId);
    if (entry === undefined) return failed(new Error('the log no longer holds this event; discard it'));
    const message = inbox.decode(lease.partition, record.entryId, entry[1]);
    const unreadable = inbox.unreadable(message);
    if (unreadable !== undefined) return failed(new Error(unreadable));
    try {
      if (inbox.wants(message)) await processGate.alone(() => retryOnce(record.entryId, message));
      return undefined;
    } catch (error) {
      if (kindOf(error) === 'fenced') throw error;
      return failed(error);
    }
  }

  /** It was parked for a reason: one that kills the process must not do so again and again. */
  async function retryOnce(entryId: string, message: Message): Promise<void> {
    await state.attempt(entryId, async (attempts) => {
      if (attempts === 1) return await handleHeld(lease, inbox, message, true);
      await state.forgive(entryId, attempts - 1);
      throw new Error('the process died while handling this again');
    });
  }

  async function discard(stream: string, eventId: string, request: string): Promise<void> {
    const entryId = entryIdOf(eventId);
    const record = (await state.parked(stream)).find(
      (text) => (JSON.parse(text) as ParkedRecord).entryId === entryId,
    );
    const left = await state.unpark(stream, record ?? '', '', request);
    if (left === 0) blocked.delete(stream);
  }

  async function runAll(): Promise<void> {
    for (;;) {
      const text = await state.nextRequest();
      if (text === null || isOver(lease)) break;
      const request = JSON.parse(text) as AdminRequest;
      if (request.kind === 'retry') await retry(request.stream, text);
      else await discard(request.stream, request.eventId, text);
    }
    progress.blockedStreams = blocked.size;
  }

  let running: Promise<void> | undefined;
  return () => {
    running ??= runAll().finally(() => {
      running = undefined;
    });
    return running;
  };
}
