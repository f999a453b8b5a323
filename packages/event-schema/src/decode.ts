import type { EventContract } from './contract.ts';
import type { EventEnvelope, EventMeta, StoredEvent, UnreadableReason } from './envelope.ts';
import { recordedMsOf } from './position.ts';

/** The last time that a Date can hold (ECMA-262, 21.4.1.1); Redis's entry ids can be later. */
const LAST_MOMENT_MS = 8.64e15;

interface Interpreted {
  readonly data: unknown;
  readonly schemaVersion: number;
  readonly unreadable?: UnreadableReason;
}

/** Never throws: what cannot be interpreted comes back marked as unreadable. */
export function decode(
  contract: EventContract | undefined,
  category: string,
  stored: StoredEvent,
): EventEnvelope {
  const meta = parseMeta(stored.meta);
  const recordedMs = recordedMsOf(stored.position);
  const isDated = recordedMs <= LAST_MOMENT_MS;
  const recordedAt = new Date(isDated ? recordedMs : LAST_MOMENT_MS).toISOString();
  const { data, schemaVersion, unreadable } = interpret(contract, stored, isDated);
  return {
    id: stored.id ?? stored.position,
    position: stored.position,
    stream: stored.stream,
    category,
    version: stored.version,
    type: stored.type,
    schemaVersion,
    data,
    recordedAt,
    occurredAt: isDate(meta.occurredAt) ? meta.occurredAt : recordedAt,
    meta,
    ...(unreadable === undefined ? {} : { unreadable }),
  };
}

function interpret(contract: EventContract | undefined, stored: StoredEvent, isDated: boolean): Interpreted {
  const { schemaVersion } = stored;
  let data: unknown;
  try {
    data = JSON.parse(stored.data);
  } catch {
    // data of an unregistered type may be anything, so it is not damaged
    const unreadable = contract === undefined ? 'unknown-type' : 'malformed';
    return { data: stored.data, schemaVersion, unreadable };
  }
  if (contract === undefined) return { data, schemaVersion, unreadable: 'unknown-type' };
  const newest = contract.versions.length;
  if (!(schemaVersion >= 1 && schemaVersion <= newest))
    return { data, schemaVersion, unreadable: 'unknown-version' };
  if (!isDated || !isObject(data)) return { data, schemaVersion, unreadable: 'malformed' };
  try {
    return { data: upcast(contract, data, schemaVersion), schemaVersion: newest };
  } catch {
    return { data, schemaVersion, unreadable: 'malformed' };
  }
}

/** Data of version `from` as the newest version of its contract has it. Throws what an upcaster throws. */
export function upcast(contract: EventContract, data: unknown, from: number): unknown {
  let current = data;
  for (const version of contract.versions.slice(from)) {
    if (version.upcast !== undefined) current = version.upcast(current as never);
  }
  return current;
}

function parseMeta(text: string): EventMeta {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

/** Entries written by hand may hold anything. */
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDate(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
