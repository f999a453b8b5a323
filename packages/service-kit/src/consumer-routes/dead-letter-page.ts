import type { ConsumerAdmin, DeadLetter } from '@headrace/consumer';
import { isPosition } from '@headrace/event-schema';
import { PAGE_LIMITS } from '@headrace/event-store';
import { z } from 'zod';
import { cursorOf, encodeCursor } from '../http/cursor.ts';
import { InvalidRequestError } from '../problem/problem.ts';

/** The last letter of a page; the next page is what comes behind it. */
type DeadLetterCursor = Pick<DeadLetter, 'group' | 'stream' | 'eventId'>;

/** What was written by hand may have a stream of any name. */
const place = z
  .tuple([z.string(), z.string(), z.string().refine(isPosition)])
  .transform(([group, stream, eventId]): DeadLetterCursor => ({ group, stream, eventId }));
const MAX_CURSOR_LENGTH = 4_000;

export const cursorParameter = cursorOf(place, MAX_CURSOR_LENGTH).optional();

function encoded({ group, stream, eventId }: DeadLetterCursor): string {
  return encodeCursor([group, stream, eventId]);
}

/**
 * At most `limit` dead letters behind a cursor, group by group, and fewer where their events are large.
 * @throws InvalidRequestError for a cursor of none of these groups
 */
export async function deadLetterPage(
  admins: readonly ConsumerAdmin[],
  limit: number,
  cursor: DeadLetterCursor | undefined,
): Promise<{ readonly deadLetters: readonly DeadLetter[]; readonly nextCursor: string | null }> {
  const deadLetters: DeadLetter[] = [];
  let size = 0;
  for (const admin of admins.slice(indexOfFirst(admins, cursor))) {
    const after = admin.group === cursor?.group ? { after: cursor } : {};
    const page = await admin.deadLetters({ limit: limit - deadLetters.length, ...after });
    deadLetters.push(...page.letters);
    size += page.size;
    const last = deadLetters.at(-1);
    const isFull = deadLetters.length === limit || size >= PAGE_LIMITS.bytes;
    const mayHaveMore = !page.isEnd || (isFull && admin !== admins.at(-1));
    if (mayHaveMore && last !== undefined) return { deadLetters, nextCursor: encoded(last) };
  }
  return { deadLetters, nextCursor: null };
}

function indexOfFirst(admins: readonly ConsumerAdmin[], cursor: DeadLetterCursor | undefined): number {
  if (cursor === undefined) return 0;
  const index = admins.findIndex(({ group }) => group === cursor.group);
  if (index >= 0) return index;
  const message = `goes on behind an event of the group "${cursor.group}", which is not among those asked for`;
  throw new InvalidRequestError([{ in: 'query', path: 'cursor', message }]);
}
