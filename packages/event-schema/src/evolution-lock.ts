import { createHash } from 'node:crypto';
import type { EventEnvelope } from './envelope.ts';
import type { EventRegistry } from './event-registry.ts';
import { formatPosition } from './position.ts';

/** A stream as it may have been written, oldest event first. */
export interface GoldenHistory {
  readonly stream: string;
  readonly events: readonly {
    readonly type: string;
    /** Default: the newest version of the contract. */
    readonly schemaVersion?: number;
    readonly data: unknown;
  }[];
}

/** By a name that says what happened. */
export type GoldenHistories = Readonly<Record<string, GoldenHistory>>;

/** What a fold or a projection makes of golden histories, small enough to be committed. */
export interface EvolutionDescription {
  /** Of the fold or the projection. */
  readonly version: number;
  /** Names or dotted paths of the fields that its states have, in order. */
  readonly fields: readonly string[];
  /** By the history's name: digests of its events and of the states that they lead to. */
  readonly histories: Readonly<Record<string, { readonly events: string; readonly states: string }>>;
}

const RECORDED_MS = Date.parse('2026-01-15T14:00:00.000Z');

/** A golden history as readers get it; each event is recorded a minute after the one before. */
export function envelopesOf(
  registry: EventRegistry,
  { stream, events }: GoldenHistory,
): readonly EventEnvelope[] {
  return events.map(({ type, schemaVersion, data }, index) =>
    registry.decode({
      position: formatPosition(0, `${RECORDED_MS + index * 60_000}-0`),
      stream,
      version: index + 1,
      type,
      schemaVersion: schemaVersion ?? registry.contractOf(type)?.versions.length ?? 1,
      data: JSON.stringify(data),
      meta: '{}',
    }),
  );
}

/**
 * @param statesOf the state after each event
 * @param fieldsOf the fields of a state whose coming and going need a new version; default all, dotted
 */
export function describeEvolution(
  version: number,
  registry: EventRegistry,
  histories: GoldenHistories,
  statesOf: (events: readonly EventEnvelope[]) => readonly unknown[],
  fieldsOf: (state: unknown) => readonly string[] = pathsOf,
): EvolutionDescription {
  const fields = new Set<string>();
  const digests = Object.entries(histories).map(([name, history]) => {
    const states = statesOf(envelopesOf(registry, history));
    for (const field of states.flatMap((state) => fieldsOf(state))) fields.add(field);
    return [name, { events: digestOf(history), states: digestOf(states) }] as const;
  });
  return { version, fields: [...fields].toSorted(), histories: Object.fromEntries(digests) };
}

/**
 * What changed without a new version: other states of the same events, or other fields. Each is a sentence; none where
 * the version was raised.
 */
export function compareEvolution(
  name: string,
  locked: EvolutionDescription | undefined,
  current: EvolutionDescription,
): readonly string[] {
  if (locked === undefined || locked.version !== current.version) return [];
  const raise = `raise the version of ${name} above ${current.version}, so that nothing made by the one before is used`;
  const differing = Object.entries(locked.histories).flatMap(([history, { events, states }]) => {
    const now = current.histories[history];
    if (now === undefined || now.events !== events || now.states === states) return [];
    return [`${name} makes something else of the history "${history}": ${raise}`];
  });
  const added = current.fields.filter((field) => !locked.fields.includes(field));
  const removed = locked.fields.filter((field) => !current.fields.includes(field));
  if (added.length + removed.length === 0) return differing;
  const changed = [...added.map((field) => `+${field}`), ...removed.map((field) => `-${field}`)].join(', ');
  return [...differing, `${name} has other fields (${changed}): ${raise}`];
}

/** Dotted paths of the fields of a JSON value; those of an array's items are of the array. */
export function pathsOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, path));
  if (typeof value !== 'object' || value === null || value instanceof Date) return path === '' ? [] : [path];
  return Object.entries(value).flatMap(([name, inner]) => {
    const at = path === '' ? name : `${path}.${name}`;
    return inner === undefined ? [] : [at, ...pathsOf(inner, at).filter((deeper) => deeper !== at)];
  });
}

/** The same for values that differ in the order of their fields only. */
function digestOf(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
