import { type EventStore, lastEntry, storedEvent } from '@headrace/event-store';
import type { SessionContext } from '../delivery/session-context.ts';
import { DivergedError } from '../errors.ts';
import { entriesAdded } from '../group/redis-group.ts';
import type { TransactionalSession } from './transactional-session.ts';
import type { Checkpoint, SinkRequest } from './transactional-sink.ts';

type ResyncRequest = Extract<SinkRequest, { kind: 'resync' }>;

const PAGE = 1_000;
const BEGINNING: Checkpoint = { entryId: null, stream: null, version: 0, handledEntries: 0 };

/**
 * Lets a diverged partition go on in the way that an operator has asked for. Where the partition has not diverged any
 * more, the request is closed, so that it is never carried out later.
 * @param diverged what the log has lost of what was handled
 * @param lost what the database has lost of it
 * @throws DivergedError where no operator has asked
 */
export async function resync<Tx>(
  session: TransactionalSession<Tx>,
  diverged: DivergedError | null,
  lost: DivergedError | null,
): Promise<void> {
  const { sink } = session.shared;
  const asked = (await sink.requests(session.ownership)).filter((request) => request.kind === 'resync');
  const [first] = asked;
  if (diverged === null && lost !== null) {
    if (first?.how !== 'accept') throw lost;
    await goOnFromCheckpoint(session, first);
  } else if (diverged === null) {
    const outcome = 'nothing to do: the partition had not diverged any more';
    for (const { id } of asked) await sink.transact(session.stepWith({ finishedRequest: id, outcome }));
  } else if (first === undefined) throw diverged;
  else await carryOut(session, first, diverged);
}

/** The mirror first: as long as it is ahead, the request is not done. */
async function goOnFromCheckpoint<Tx>(
  session: TransactionalSession<Tx>,
  { id }: ResyncRequest,
): Promise<void> {
  const { context, shared, checkpoint } = session;
  const { redis, store, group, lease } = context;
  await redis.xgroup('SETID', store.keys.log(lease.partition), group, checkpoint.entryId ?? '0');
  const outcome = `went on after ${checkpoint.entryId ?? 'nothing'}, where the database was; what it had lost may be made otherwise`;
  await shared.sink.transact(session.stepWith({ finishedRequest: id, outcome }));
}

async function carryOut<Tx>(
  session: TransactionalSession<Tx>,
  { id, how }: ResyncRequest,
  diverged: DivergedError,
): Promise<void> {
  const { context, shared, checkpoint, blocked } = session;
  const { sink, handler } = shared;
  if (how === 'accept') {
    const to = await lastCommon(context, checkpoint);
    const outcome = `went on after ${to.entryId ?? 'nothing'} in place of ${checkpoint.entryId}; the effects were kept`;
    await sink.transact(session.stepWith({ to, finishedRequest: id, outcome }));
    session.moveTo(to);
    // no owner can have died of what has come in place of the lost
    await session.endRecovery();
    return;
  }
  const reset = handler.reset?.bind(handler);
  // refused when it was asked for; another release may have asked
  if (reset === undefined) throw new DivergedError(`${diverged.message}. It cannot be made anew by itself`);
  const outcome = `began anew, from ${checkpoint.entryId}; the effects were deleted`;
  await sink.startOver(session.stepWith({}), outcome, reset);
  session.moveTo(BEGINNING);
  session.recovery.end();
  blocked.clear();
}

/**
 * Where a checkpoint has to go back to: the last event before it that the log still has. An event at the checkpoint's
 * own position has replaced the one that was handled, and comes next.
 */
async function lastCommon({ store, lease }: SessionContext, { entryId }: Checkpoint): Promise<Checkpoint> {
  const key = store.keys.log(lease.partition);
  if (entryId === null) return BEGINNING;
  const entry = await lastEntry(store.redis, key, entryId);
  if (entry === undefined) return BEGINNING;
  const { stream, version } = storedEvent(lease.partition, entry[0], entry[1] ?? []);
  const added = await entriesAdded(store.redis, key);
  const handledEntries = added - (await countAfter(store, key, entry[0]));
  return { entryId: entry[0], stream, version, handledEntries };
}

async function countAfter({ redis }: EventStore, key: string, entryId: string): Promise<number> {
  let count = 0;
  for (let after = entryId; ; ) {
    const page = await redis.xrange(key, `(${after}`, '+', 'COUNT', PAGE);
    count += page.length;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return count;
    after = last[0];
  }
}
