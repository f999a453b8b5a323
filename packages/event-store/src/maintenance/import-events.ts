import { createHash } from 'node:crypto';
import { jsonFault } from '@headrace/event-schema';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { appendChecked, assertCanFollow } from '../append/append-checked.ts';
import type { NewEvent } from '../append/new-events.ts';
import { requireOpen, type StoreContext } from '../context.ts';
import { EventStoreError } from '../errors.ts';
import { claimOwnId, type OwnId, settleOwnId } from './own-ids.ts';

/** A line that cannot be imported; everything before it is in the log. Mend the file and run it again. */
export class ImportError extends EventStoreError {
  readonly code = 'IMPORT_FAILED';
  readonly line: number;
  constructor(line: number, reason: string, cause?: unknown) {
    super(`line ${line}: ${reason}`, { cause });
    this.line = line;
  }
}

export interface ImportReport {
  readonly events: number;
  /** Events that an earlier run of the same import had stored already. */
  readonly repeated: number;
}

/** How long an import can be repeated without storing anything twice, s. */
const REPEATABLE_S = 30 * 86_400;

/**
 * Imports historic events from NDJSON lines `{ "stream", "type", "data", "schemaVersion"?, "occurredAt"?,
 * "id"?, "meta"? }`, in the order of the lines. An import that was interrupted, or mended, is repeated from the start:
 * each line is stored once for one `importId`, wherever it stands by then, for 30 days, and one with an `id` once for
 * good. A line that stands several times is stored as often.
 * @throws ImportError at the first line that cannot be stored
 */
export async function importEvents(
  context: StoreContext,
  lines: AsyncIterable<string>,
  importId: string,
): Promise<ImportReport> {
  requireOpen(context);
  let line = 0;
  let events = 0;
  let repeated = 0;
  const alike = new Occurrences();
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    const { stream, event } = parseLine(text, line);
    const digest = createHash('sha256').update(text).digest('hex');
    const key =
      event.id === undefined ? alike.keyOf(importId, { stream, ...event }, line) : `${importId}:${digest}`;
    try {
      const isNew = await importEvent(context, { stream, event, digest, key });
      events += 1;
      if (!isNew) repeated += 1;
    } catch (error) {
      throw new ImportError(line, error instanceof Error ? error.message : String(error), error);
    }
  }
  return { events, repeated };
}

/** More than this many different lines do not fit into one import; each takes about a hundred bytes meanwhile. */
const MOST_LINES = 10_000_000;

/**
 * Knows lines without an id again by what they say, however it is written, and by how often they stood before: each is
 * an event of its own, wherever it stands.
 */
class Occurrences {
  readonly #counts = new Map<string, number>();

  /** @throws ImportError */
  keyOf(importId: string, said: object, line: number): string {
    const digest = createHash('sha256')
      .update(canonicalize(said) ?? '')
      .digest('base64url')
      .slice(0, 27);
    const before = this.#counts.get(digest) ?? 0;
    if (this.#counts.size >= MOST_LINES && before === 0)
      throw new ImportError(line, `at most ${MOST_LINES} lines without an id in one import: split the file`);
    this.#counts.set(digest, before + 1);
    return `${importId}:${digest}:${before}`;
  }
}

interface ImportedEvent {
  readonly stream: string;
  readonly event: NewEvent;
  /** Of the line. */
  readonly digest: string;
  readonly key: string;
}

/** False for an event that an earlier run has stored. */
async function importEvent(
  context: StoreContext,
  { stream, event, digest, key: ownKey }: ImportedEvent,
): Promise<boolean> {
  const own: OwnId | undefined =
    event.id === undefined ? undefined : { id: event.id, stream, digest, key: ownKey };
  const check = (): Promise<void> => assertCanFollow(context, stream, [event]);
  const key = own === undefined ? ownKey : await claimOwnId(context, own, check);
  if (key === undefined) return false;
  // as an earlier release has it for events with an id, whose claim may be its own
  const request = own === undefined ? { stream, ...event } : digest;
  const { replayed } = await appendChecked(context, stream, [event], {
    idempotency: { key, actor: 'import', route: 'import', request, ttlS: REPEATABLE_S },
    expectedVersion: 'any',
    actor: 'import',
  });
  if (own !== undefined) await settleOwnId(context, own);
  return !replayed;
}

const importLine = z.strictObject({
  stream: z.string(),
  type: z.string(),
  data: z.unknown(),
  schemaVersion: z.int().min(1).optional(),
  occurredAt: z.string().max(64).optional(),
  id: z.string().min(1).max(128).optional(),
  meta: z.record(z.string(), z.unknown()).optional(),
});

function parseLine(text: string, line: number): { stream: string; event: NewEvent } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ImportError(line, 'is not JSON', error);
  }
  const fault = jsonFault(text);
  if (fault !== undefined) throw new ImportError(line, `${fault.path} ${fault.message}`.trimStart());
  const parsed = importLine.safeParse(json);
  if (!parsed.success) throw new ImportError(line, z.prettifyError(parsed.error), parsed.error);
  const { stream, ...event } = parsed.data;
  return { stream, event };
}
