import { createHash } from 'node:crypto';
import { jsonFault } from '@headrace/event-schema';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { appendChecked, assertCanFollow } from '../append/append-checked.ts';
import type { NewEvent } from '../append/new-events.ts';
import { requireOpen, type StoreContext } from '../context.ts';
import { EventStoreError } from '../errors.ts';
import { claimOwnId, type OwnId, settleOwnId } from './own-ids.ts';

/** A line that cannot be imported; all lines before it are in the log. Correct the file and run the import again. */
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
  /** Events that an earlier run of the same import had stored. */
  readonly repeated: number;
}

/** How long an import can be repeated without storing anything twice, s. */
const REPEATABLE_S = 30 * 86_400;

/**
 * Imports historic events from NDJSON lines `{ "stream", "type", "data", "schemaVersion"?, "occurredAt"?,
 * "id"?, "meta"? }`, in the order of the lines. An import that was interrupted or corrected is repeated from the start:
 * under one `importId` each line is stored once within 30 days, wherever it stands in the file, and one with an `id` once
 * for ever. Equal lines without an id are as many events.
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
    try {
      const isNew =
        event.id === undefined
          ? await importEvent(context, stream, event, alike.keyOf(importId, { stream, ...event }))
          : await importWithOwnId(context, event, ownIdOf(importId, stream, event.id, text));
      events += 1;
      if (!isNew) repeated += 1;
    } catch (error) {
      throw new ImportError(line, error instanceof Error ? error.message : String(error), error);
    }
  }
  return { events, repeated };
}

/** Different lines without an id in one import, at most; each takes about a hundred bytes of memory. */
const MOST_LINES = 10_000_000;

/**
 * Keys for lines without an id: by their content, however it is formatted, and by how many lines of the same content
 * stood before. So equal lines are events of their own, and a line may move within its file.
 */
class Occurrences {
  readonly #counts = new Map<string, number>();

  keyOf(importId: string, said: object): string {
    const digest = createHash('sha256')
      .update(canonicalize(said) ?? '')
      .digest('base64url')
      .slice(0, 27);
    const before = this.#counts.get(digest) ?? 0;
    if (this.#counts.size >= MOST_LINES && before === 0)
      throw new Error(`at most ${MOST_LINES} lines without an id in one import: split the file`);
    this.#counts.set(digest, before + 1);
    return `${importId}:${digest}:${before}`;
  }
}

/** False for an event that an earlier run has stored. */
async function importEvent(
  context: StoreContext,
  stream: string,
  event: NewEvent,
  key: string,
  request: unknown = { stream, ...event },
): Promise<boolean> {
  const { replayed } = await appendChecked(context, stream, [event], {
    idempotency: { key, actor: 'import', route: 'import', request, ttlS: REPEATABLE_S },
    expectedVersion: 'any',
    actor: 'import',
  });
  return !replayed;
}

async function importWithOwnId(context: StoreContext, event: NewEvent, own: OwnId): Promise<boolean> {
  const { stream, digest } = own;
  const key = await claimOwnId(context, own, () => assertCanFollow(context, stream, [event]));
  if (key === undefined) return false;
  // the digest is the request, as in earlier releases, whose claims may still be there
  const isNew = await importEvent(context, stream, event, key, digest);
  await settleOwnId(context, own);
  return isNew;
}

function ownIdOf(importId: string, stream: string, id: string, text: string): OwnId {
  const digest = createHash('sha256').update(text).digest('hex');
  return { id, stream, digest, key: `${importId}:${digest}` };
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
