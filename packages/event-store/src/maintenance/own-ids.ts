import { isPosition, recordedMsOf } from '@headrace/event-schema';
import { reading } from '../connection/translate-redis-error.ts';
import type { StoreContext } from '../context.ts';
import { hashOf } from '../keys.ts';
import { readEvent } from '../read/read-log.ts';

/** A line of an import whose event has an id of its own. */
export interface OwnId {
  readonly id: string;
  readonly stream: string;
  /** Digest of the whole line. */
  readonly digest: string;
  /** Idempotency key that the event would be appended under. */
  readonly key: string;
}

/**
 * Claims an id for an event before it is appended, permanently: consumers tell events apart by their ids, and would skip
 * the second of two events with one id. The claim is a field of one hash for the whole log, about a hundred bytes.
 * @param check throws if the event cannot be appended; called before the id is claimed, since another line may need it
 * @returns the key to append under, which is the first attempt's; undefined if the event is in the log already
 * @throws Error if the id is another event's
 */
export async function claimOwnId(
  context: StoreContext,
  { id, stream, digest, key }: OwnId,
  check: () => Promise<void>,
): Promise<string | undefined> {
  await requireNoPosition(context, id);
  const { reader, keys } = context;
  const claim = claimOf(stream, digest);
  if ((await reading(reader.hexists(keys.ownIds, id))) === 0) {
    await check();
    if ((await reading(reader.hsetnx(keys.ownIds, id, `${claim} ${key}`))) === 1) return key;
  }
  const known = (await reading(reader.hget(keys.ownIds, id))) ?? '';
  const [claimed, pendingKey] = splitOnce(known);
  if (claimed !== claim) {
    const whose =
      pendingKey === undefined
        ? "is another event's"
        : 'is claimed by another line, whose import has not ended';
    throw new Error(`the id "${id}" ${whose}: give this one an id of its own, or none`);
  }
  return pendingKey;
}

/** Marks the event as stored: from then on the same line stores nothing. */
export async function settleOwnId(
  { reader, keys }: StoreContext,
  { id, stream, digest }: OwnId,
): Promise<void> {
  await reading(reader.hset(keys.ownIds, id, claimOf(stream, digest)));
}

function claimOf(stream: string, digest: string): string {
  return hashOf([stream, digest]);
}

function splitOnce(text: string): readonly [string, string | undefined] {
  const end = text.indexOf(' ');
  return end === -1 ? [text, undefined] : [text.slice(0, end), text.slice(end + 1)];
}

/** Events moved from another log have ids in the form of positions; they must not be positions of this log. */
async function requireNoPosition(context: StoreContext, id: string): Promise<void> {
  if (!isPosition(id)) return;
  if (recordedMsOf(id) > Date.now() || (await readEvent(context, id)) !== null)
    throw new Error(`the id "${id}" is, or may become, a position of this log: leave it out`);
}
