import type { DataOf, EventContract, EventEnvelope } from '@headrace/event-schema';
import type { Column, RowOf } from './columns.ts';

export type Columns = Readonly<Record<string, Column>>;
/** Names of the text columns; by `as`, so that columns whose names are only known at run time hide none. */
type TextColumnOf<C extends Columns> = keyof {
  [Name in keyof C as C[Name] extends Column<infer Value>
    ? [Value] extends [string]
      ? Name
      : never
    : never]: true;
} &
  string;

/** What one event type does to one row. Both functions are pure. */
export interface EventProjection<Event extends EventEnvelope, Row> {
  /** Key of the row that the event is about; null: of none. */
  key(event: Event): string | null;
  /** The row after the event: null deletes it, the same object leaves it as it is. */
  evolve(row: Row | null, event: Event): Row | null;
}

/** The envelopes of contracts' newest versions. */
export type EnvelopeOf<C> =
  C extends EventContract<infer Type, infer Data> ? EventEnvelope<Type, Data> : never;

/** What each event type does; `'*'` takes every event without an entry of its own, also unreadable ones. */
export type EventProjections<Contracts extends readonly EventContract[], Row> = {
  readonly [C in Contracts[number] as C['type']]?: EventProjection<EventEnvelope<C['type'], DataOf<C>>, Row>;
} & { readonly '*'?: EventProjection<EventEnvelope, Row> };

interface ProjectionShape<C extends Columns> {
  /** Lower case letters, digits, `_` and `-`. Name and version together name the table and the consumer group. */
  readonly name: string;
  /** From 1; raise it whenever columns, keys or what `evolve` does change. */
  readonly version: number;
  readonly description?: string;
  /** Columns of the table by name, the key's among them. */
  readonly columns: C;
  /** Name of the column that holds the key. */
  readonly key: TextColumnOf<C>;
  /** Columns of each further index. */
  readonly indexes?: readonly (readonly (keyof C & string)[])[];
}

/** Input of `defineProjection`. */
export interface ProjectionInput<Contracts extends readonly EventContract[], C extends Columns>
  extends ProjectionShape<C> {
  /** Contracts of the event types that `each` and `on` are about; they give those their types. */
  readonly events: Contracts;
  /** What every event type of `events` does that has no entry in `on`. */
  readonly each?: NoInfer<EventProjection<EnvelopeOf<Contracts[number]>, RowOf<C>>>;
  readonly on?: NoInfer<EventProjections<Contracts, RowOf<C>>>;
}

/** Name and version of a projection, which name its table and its consumer group. */
export interface ProjectionVersion {
  readonly name: string;
  readonly version: number;
}

/** What a projection's table is made of. */
export interface TableDefinition extends ProjectionVersion {
  readonly columns: Columns;
  readonly key: string;
  readonly indexes: readonly (readonly string[])[];
}

/** A pure fold from events to the rows of one table. */
export interface Projection<Row = Readonly<Record<string, unknown>>> extends TableDefinition {
  readonly description: string;
  /** Event types that are handled; absent: all. */
  readonly types?: readonly string[];
  /** What the event does; undefined: nothing. */
  projectionOf(event: EventEnvelope): EventProjection<EventEnvelope, Row> | undefined;
}

const NAME = /^[a-z][a-z0-9_-]{0,39}$/;
const COLUMN = /^[a-z][a-z0-9_]{0,39}$/;
/** PostgreSQL truncates longer identifiers, so that two could become one. */
const MAX_IDENTIFIER = 63;

/** A definition is wrong. */
export class InvalidProjectionError extends Error {
  readonly code = 'INVALID_PROJECTION';
  constructor(name: string, problem: string) {
    super(`projection "${name}": ${problem}`);
    this.name = 'InvalidProjectionError';
  }
}

/**
 * Declares a projection.
 * @throws InvalidProjectionError
 */
export function defineProjection<const Contracts extends readonly EventContract[], C extends Columns>(
  input: ProjectionInput<Contracts, C>,
): Projection<RowOf<C>> {
  const { name, version, columns, key, indexes = [], description = '', events, each, on } = input;
  const handlers = new Map<string, EventProjection<EventEnvelope, RowOf<C>>>();
  if (each !== undefined) for (const { type } of events) handlers.set(type, each);
  if (on !== undefined) for (const [type, handler] of Object.entries(on)) handlers.set(type, handler);
  const wildcard = handlers.get('*');
  handlers.delete('*');
  const definition: Projection<RowOf<C>> = {
    name,
    version,
    description,
    columns,
    key,
    indexes,
    ...(wildcard === undefined ? { types: [...handlers.keys()] } : {}),
    projectionOf: (event) =>
      event.unreadable === undefined ? (handlers.get(event.type) ?? wildcard) : wildcard,
  };
  assertValid(definition);
  const known = new Set(events.map(({ type }) => type));
  for (const type of handlers.keys()) {
    if (!known.has(type)) throw new InvalidProjectionError(name, `no contract is given for ${type}`);
  }
  return definition;
}

function assertValid(definition: TableDefinition): void {
  const { name, version } = definition;
  for (const problem of problemsOf(definition)) throw new InvalidProjectionError(name, problem);
  if (!Number.isSafeInteger(version) || version < 1)
    throw new InvalidProjectionError(name, `${version} is no version; they begin at 1`);
}

function* problemsOf({ name, columns, key, indexes, version }: TableDefinition): Generator<string> {
  if (!NAME.test(name)) yield 'a name is 1 to 40 lower case letters, digits, _ and -';
  for (const column of Object.keys(columns))
    if (!COLUMN.test(column)) yield `"${column}" is no name of a column`;
  const keyColumn = columns[key];
  if (keyColumn?.type !== 'text' || keyColumn.nullable) yield `"${key}" is no text column, or may be null`;
  for (const index of indexes) {
    const unknown = index.find((column) => !Object.hasOwn(columns, column));
    if (unknown !== undefined) yield `an index names no column "${unknown}"`;
    if (indexName({ name, version }, index).length > MAX_IDENTIFIER)
      yield `the index on ${index.join(', ')} gets too long a name`;
  }
}

/** The same fold under another version: a rebuild runs beside the version that is live. */
export function withVersion<Row>(definition: Projection<Row>, version: number): Projection<Row> {
  const changed = { ...definition, version };
  assertValid(changed);
  return changed;
}

/** The newest of the versions that the code has of a projection; undefined: none. */
export function newestVersion<P extends ProjectionVersion>(
  projections: readonly P[],
  name: string,
): P | undefined {
  const versions = projections.filter((projection) => projection.name === name);
  return versions.toSorted((a, b) => b.version - a.version)[0];
}

/** Name of a version's consumer group. */
export function projectionGroup({ name, version }: ProjectionVersion): string {
  return `projection:${name}:v${version}`;
}

/** Name of a version's table. */
export function projectionTable({ name, version }: ProjectionVersion): string {
  return `${name}_v${version}`;
}

export function indexName(definition: ProjectionVersion, columns: readonly string[]): string {
  return `${projectionTable(definition)}_${columns.join('_')}_idx`;
}
