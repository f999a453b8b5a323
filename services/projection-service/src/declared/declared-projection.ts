import { comparePositions, type EventEnvelope } from '@headrace/event-schema';
import { column, nullable, type Projection, type RowOf, withVersion } from '@headrace/projections';
import { addDecimal } from './decimal.ts';
import type { Declaration } from './declaration.ts';
import { fieldAt } from './field-path.ts';

/** In place of a field: the name of the event's stream. */
export const STREAM_KEY = 'stream';
/** Key of the row that counts the events which could not be used; no event has it. */
export const SKIPPED_KEY = '';

/** The same for ever: what a declaration means must not change under those who made it. */
const FOLD_VERSION = 1;
const MAX_KEY_LENGTH = 512;
/** Of a merged row, with what says where its members come from. */
const MAX_MERGED_BYTES = 1024 ** 2;

const columns = {
  key: column.text,
  /** `merge`: an object; `count`: a number; `sum`: decimal text. */
  value: column.jsonb<unknown>(),
  /** `merge`: which event each member is from. */
  origins: nullable(column.jsonb<Readonly<Record<string, string>>>()),
  events: column.bigint,
  updated_at: column.timestamptz,
} as const;

/** One row of a declared projection. */
export type DeclaredRow = RowOf<typeof columns>;

/** Events that a declared projection could not use. */
export interface Skipped {
  /** The key's field is missing, empty, longer than 512 characters, or neither text, number nor boolean. */
  readonly noKey: number;
  /** The field to sum up is missing, or no number. */
  readonly noNumber: number;
  /** Position of the newest of them. */
  readonly lastPosition: string | null;
}

/** A merged row would exceed its limit. */
export class DeclaredRowTooLargeError extends Error {
  readonly code = 'DECLARED_ROW_TOO_LARGE';
  constructor(key: string) {
    super(`the merged data of "${key}" would take more than ${MAX_MERGED_BYTES} bytes`);
    this.name = 'DeclaredRowTooLargeError';
  }
}

/**
 * The projection of a declaration. Its rows do not depend on the order in which events of different streams are
 * handled, so that a rebuild gives the same rows. The exception is a merged row that reaches its limit: the event that
 * comes last is parked.
 */
export function declaredProjection(id: string, declaration: Declaration): Projection<DeclaredRow> {
  const { eventTypes, key, reduce } = declaration;
  const projection = {
    key: (event: EventEnvelope) => (problemOf(declaration, event) ? SKIPPED_KEY : keyOf(declaration, event)),
    evolve: (row: DeclaredRow | null, event: EventEnvelope) => evolve(declaration, row, event),
  };
  const definition: Projection<DeclaredRow> = {
    name: id,
    version: FOLD_VERSION,
    description: `Declared over HTTP: ${nameOf(reduce)} of ${eventTypes.join(', ')} by ${key}.`,
    columns,
    key: 'key',
    indexes: [],
    types: eventTypes,
    projectionOf: ({ type, unreadable }) =>
      unreadable === undefined && eventTypes.includes(type) ? projection : undefined,
  };
  return withVersion(definition, FOLD_VERSION);
}

/** Content of the row `SKIPPED_KEY`. */
export function skippedOf(row: Pick<DeclaredRow, 'value'> | null): Skipped {
  const known = row?.value as Skipped | undefined;
  return known ?? { noKey: 0, noNumber: 0, lastPosition: null };
}

function nameOf(reduce: Declaration['reduce']): string {
  return typeof reduce === 'string' ? reduce : `sum of ${reduce.sum}`;
}

/** Why an event cannot be used, if it cannot. */
function problemOf(declaration: Declaration, event: EventEnvelope): 'noKey' | 'noNumber' | undefined {
  const { reduce } = declaration;
  if (keyOf(declaration, event) === null) return 'noKey';
  const isSum = typeof reduce !== 'string';
  return isSum && !Number.isFinite(fieldAt(event.data, reduce.sum)) ? 'noNumber' : undefined;
}

function keyOf({ key }: Declaration, event: EventEnvelope): string | null {
  if (key === STREAM_KEY) return event.stream;
  const value = fieldAt(event.data, key);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' && value.length <= MAX_KEY_LENGTH ? value : null;
}

function evolve(declaration: Declaration, row: DeclaredRow | null, event: EventEnvelope): DeclaredRow {
  const recorded = new Date(event.recordedAt);
  const common = {
    events: (row?.events ?? 0) + 1,
    updated_at: row !== null && row.updated_at > recorded ? row.updated_at : recorded,
  };
  const problem = problemOf(declaration, event);
  if (problem !== undefined) {
    const value = skip(skippedOf(row), problem, event);
    return { ...common, key: SKIPPED_KEY, value, origins: null };
  }
  const key = keyOf(declaration, event) ?? SKIPPED_KEY;
  return { ...common, key, ...reduced(declaration.reduce, key, row, event) };
}

function skip(known: Skipped, problem: 'noKey' | 'noNumber', { position }: EventEnvelope): Skipped {
  const isNewer = known.lastPosition === null || comparePositions(position, known.lastPosition) > 0;
  return { ...known, [problem]: known[problem] + 1, lastPosition: isNewer ? position : known.lastPosition };
}

function reduced(
  reduce: Declaration['reduce'],
  key: string,
  row: DeclaredRow | null,
  event: EventEnvelope,
): Pick<DeclaredRow, 'value' | 'origins'> {
  if (reduce === 'merge') return merged(key, row, event);
  if (reduce === 'count') return { value: (row?.events ?? 0) + 1, origins: null };
  const part = Number(fieldAt(event.data, reduce.sum));
  return { value: addDecimal(row === null ? '0' : String(row.value), part), origins: null };
}

/** Each member is from the newest event that has it, whichever event was handled last. */
function merged(
  key: string,
  row: DeclaredRow | null,
  event: EventEnvelope,
): Pick<DeclaredRow, 'value' | 'origins'> {
  const value = new Map(Object.entries(row?.value ?? {}));
  const origins = new Map(Object.entries(row?.origins ?? {}));
  for (const [name, member] of Object.entries(event.data ?? {})) {
    const origin = origins.get(name);
    if (origin !== undefined && comparePositions(event.position, origin) < 0) continue;
    value.set(name, member);
    origins.set(name, event.position);
  }
  const after = { value: Object.fromEntries(value), origins: Object.fromEntries(origins) };
  if (bytesOf(after.value) + bytesOf(after.origins) > MAX_MERGED_BYTES)
    throw new DeclaredRowTooLargeError(key);
  return after;
}

function bytesOf(json: unknown): number {
  return Buffer.byteLength(JSON.stringify(json));
}
