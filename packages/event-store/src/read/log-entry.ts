import {
  type EventEnvelope,
  type EventRegistry,
  formatPosition,
  type StoredEvent,
} from '@headrace/event-schema';
import type { Redis } from 'ioredis';
import { runScript } from '../scripts/script.ts';
import { scripts } from '../scripts/store-scripts.ts';
import { PAGE_LIMITS } from '../store-settings.ts';
import { IndexBrokenError } from './read-errors.ts';

/** An entry as Redis returns it: its id, and names and values of its fields in turn; no fields if the log lacks it. */
export type RawEntry = readonly [id: string, fields?: readonly string[] | null];

const FIELDS = ['stream', 'version', 'type', 'schema', 'data', 'meta'] as const;

export interface Entries {
  readonly entries: readonly RawEntry[];
  /** True if these are known to be the last entries. */
  readonly isEnd: boolean;
}

/**
 * The next entries of a partition's log, in order: at most `count`, and fewer where they are large.
 * @param start entry id to begin with, `(<entry id>` to begin after it, or `-`
 */
export async function readEntries(redis: Redis, log: string, start: string, count: number): Promise<Entries> {
  const reply = await runScript(redis, scripts.readLog, [log], [start, count, PAGE_LIMITS.bytes]);
  const [isEnd, entries] = reply as [0 | 1, readonly RawEntry[]];
  return { entries, isEnd: isEnd === 1 };
}

/** Reads the fields of a log entry; an entry written by hand may have them in another order or lack some. */
export function storedEvent(partition: number, id: string, fields: readonly string[]): StoredEvent {
  const inOrder = FIELDS.every((name, i) => fields[2 * i] === name);
  const [stream, version, type, schema, data, meta] = inOrder
    ? [fields[1], fields[3], fields[5], fields[7], fields[9], fields[11]]
    : FIELDS.map((name) => fieldOf(fields, name));
  const ownId = fields.length > 12 || !inOrder ? fieldOf(fields, 'id') : undefined;
  return {
    position: formatPosition(partition, id),
    stream: stream ?? '',
    version: Number(version ?? 0),
    type: type ?? '',
    schemaVersion: Number(schema ?? 1),
    data: data ?? '',
    meta: meta ?? '{}',
    ...(ownId === undefined ? {} : { id: ownId }),
  };
}

function fieldOf(fields: readonly string[], name: string): string | undefined {
  for (let i = 0; i + 1 < fields.length; i += 2) if (fields[i] === name) return fields[i + 1];
  return undefined;
}

/**
 * Decodes an entry that the index of `stream` names as `version`. The index counts, also if the entry, written by hand,
 * has another version.
 * @throws IndexBrokenError if the log lacks the entry
 */
export function indexedEvent(
  registry: EventRegistry,
  partition: number,
  stream: string,
  version: number,
  [id, fields]: RawEntry,
): EventEnvelope {
  if (fields === undefined || fields === null) throw new IndexBrokenError(stream, id);
  return registry.decode({ ...storedEvent(partition, id, fields), version });
}
