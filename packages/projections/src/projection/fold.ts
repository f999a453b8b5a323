import type { EventEnvelope } from '@headrace/event-schema';
import { storableText } from '@headrace/postgres';
import type { EventProjection, Projection, ProjectionVersion } from './definition.ts';

/** An `evolve` returned something that is no row of its projection. */
export class InvalidRowError extends Error {
  readonly code = 'INVALID_ROW';
  constructor(definition: ProjectionVersion, event: EventEnvelope, problem: string, options?: ErrorOptions) {
    super(
      `projection "${definition.name}" version ${definition.version}, ${event.type} at ${event.position}: ${problem}`,
      options,
    );
    this.name = 'InvalidRowError';
  }
}

/** An event, the row that it is about, and what it does to it. */
export interface KeyedEvent<Row> {
  readonly event: EventEnvelope;
  readonly key: string;
  readonly evolve: EventProjection<EventEnvelope, Row>['evolve'];
}

/** The events that touch a row, in their order, with its key. */
export function keyedEvents<Row>(
  definition: Projection<Row>,
  events: Iterable<EventEnvelope>,
): readonly KeyedEvent<Row>[] {
  const keyed: KeyedEvent<Row>[] = [];
  for (const event of events) {
    const found = keyedEvent(definition, event);
    if (found !== undefined) keyed.push(found);
  }
  return keyed;
}

export function keyedEvent<Row>(
  definition: Projection<Row>,
  event: EventEnvelope,
): KeyedEvent<Row> | undefined {
  const projection = definition.projectionOf(event);
  const key = projection?.key(event) ?? null;
  if (projection === undefined || key === null) return undefined;
  return { event, key: storableText(key), evolve: projection.evolve };
}

/**
 * The row after an event, with every value as the database would give it back: a fold is the same whether its
 * rows come from memory or from the table.
 * @throws InvalidRowError
 */
export function evolveRow<Row>(
  definition: Projection<Row>,
  before: Row | null,
  { event, key, evolve }: KeyedEvent<Row>,
): Row | null {
  const after = evolve(before, event);
  if (after === null || after === before) return after;
  return canonicalRow(definition, before, after, event, key);
}

function canonicalRow<Row>(
  definition: Projection<Row>,
  before: Row | null,
  after: Row,
  event: EventEnvelope,
  key: string,
): Row {
  const known = before as Readonly<Record<string, unknown>> | null;
  const given = after as Readonly<Record<string, unknown>>;
  const canonical: Record<string, unknown> = {};
  for (const [name, column] of Object.entries(definition.columns)) {
    try {
      const value = given[name];
      // what has been brought over from the row before is canonical already
      canonical[name] = known !== null && value === known[name] ? value : column.canonical(value);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      throw new InvalidRowError(definition, event, `column ${name}: ${problem}`, { cause: error });
    }
  }
  if (canonical[definition.key] !== key)
    throw new InvalidRowError(definition, event, `the row's key is not the event's, "${key}"`);
  return canonical as Row;
}

/** Folds events to all the rows that they make up, by key, from nothing and without a database. */
export function foldRows<Row>(
  definition: Projection<Row>,
  events: Iterable<EventEnvelope>,
): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>();
  for (const keyed of keyedEvents(definition, events)) {
    const after = evolveRow(definition, rows.get(keyed.key) ?? null, keyed);
    if (after === null) rows.delete(keyed.key);
    else rows.set(keyed.key, after);
  }
  return rows;
}

/**
 * Folds events, such as a stream's, to the row of one key; null where they leave none. Events about other keys
 * are passed over.
 */
export async function foldRow<Row>(
  definition: Projection<Row>,
  events: AsyncIterable<EventEnvelope> | Iterable<EventEnvelope>,
  key: string,
): Promise<Row | null> {
  let row: Row | null = null;
  const wanted = storableText(key);
  for await (const event of events) {
    const keyed = keyedEvent(definition, event);
    if (keyed?.key === wanted) row = evolveRow(definition, row, keyed);
  }
  return row;
}
