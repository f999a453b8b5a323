import { isPosition, recordedMsOf } from '@headrace/event-schema';
import { reading } from '../connection/failures.ts';
import type { StoreContext } from '../context.ts';
import { hashOf } from '../keys.ts';
import { readEvent } from '../read/read-log.ts';

/** An event with an id of its own, as a line of an import has it. */
export interface OwnId {
  readonly id: string;
  readonly stream: string;
  /** Digest of all that the line says. */
  readonly digest: string;
  /** Idempotency key that the event would be appended under. */
  readonly key: string;
}

/**
 * Claims an id for an event before it is appended, for good: consumers tell events apart by their ids, so that of two
 * with one id the second would be booked or mailed by nobody. The claim is one field of a hash of the whole log, about a
 * hundred bytes.
 * @param check throws where the event cannot be appended, before an id is claimed for it: another line may need that id
 * @returns the key to append under, which is the first attempt's; undefined for an event that is in the log already
 * @throws Error where the id is another event's; it says what to do
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

/** The event is in the log: the same line again stores nothing, whenever it comes. */
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

/** An id in the form of a position, as events have that were moved from another log, may be none of this log's. */
async function requireNoPosition(context: StoreContext, id: string): Promise<void> {
  if (!isPosition(id)) return;
  if (recordedMsOf(id) > Date.now() || (await readEvent(context, id)) !== null)
    throw new Error(`the id "${id}" is, or may become, a position of this log: leave it out`);
}
