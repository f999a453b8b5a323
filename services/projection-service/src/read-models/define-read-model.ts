import type { EventContract, EventEnvelope, EventOf, Fold } from '@headrace/event-schema';
import {
  type Column,
  column,
  defineProjection,
  type Projection,
  type Queryable,
} from '@headrace/projections';
import type { RawBuilder } from 'kysely';
import type { z } from 'zod';
import { businessTimeOf } from '../projections/business-time.ts';
import { streamOfEvent } from '../projections/stream-of-event.ts';
import type { RowOrder } from './row-order.ts';

/** A row of a read model with one row for each stream: columns to filter and sort by, beside the whole state. */
export type StateRow<State> = {
  readonly stream: string;
  /** As the fold made it, with the business times of `businessTimeOf`. */
  readonly state: State;
} & Readonly<Record<string, unknown>>;

type StateColumns<State> = { readonly stream: Column<string>; readonly state: Column<State> } & Readonly<
  Record<string, Column>
>;

/** A column whose value follows from the state. */
export interface DerivedColumn<State> extends Column {
  readonly from: (state: State) => unknown;
}

/** A query parameter that rows must equal in a column. */
export interface Filter {
  readonly column: string;
  /** Optional, with its description. */
  readonly schema: z.ZodType;
}

/** The query that finds one row by the id of its aggregate. */
export interface FindQuery {
  /** Last segment of the path. The same as the list's: one route does both. */
  readonly query: string;
  readonly summary: string;
  /** Name of the query parameter. */
  readonly parameter: string;
  readonly schema: z.ZodType<string>;
  /** @throws InvalidStreamNameError */
  readonly streamOf: (id: string) => string;
  readonly notFound: string;
}

/** The query that lists rows by filters. */
export interface ListQuery {
  readonly query: string;
  readonly summary: string;
  /** By the name of the query parameter. */
  readonly filters: Readonly<Record<string, Filter>>;
  readonly order: RowOrder;
  readonly totals?: Totals;
}

/** What the answer to a list says about all rows that its filters select, whatever the page. */
export interface Totals {
  readonly schema: z.ZodType;
  read(database: Queryable, table: string, where: RawBuilder<unknown>): Promise<unknown>;
}

interface ReadModelInput<State, Contracts extends readonly EventContract[]> {
  /** Of the projection. */
  readonly name: string;
  /** From 0; raise it when the columns change. The projection's version is this and the fold's together. */
  readonly layout: number;
  readonly description: string;
  /** What a row is called in texts, such as `order`. */
  readonly noun: string;
  readonly contracts: Contracts;
  /** The fold of the write side, so that both sides agree on what an event means. */
  readonly fold: Fold<State | null, EventOf<Contracts[number]>>;
  readonly view: { readonly schema: z.ZodType; readonly present: (state: State) => unknown };
  /** Only what queries filter, sort or add up by; everything else is in the column `state`. */
  readonly columns: Readonly<Record<string, DerivedColumn<State>>>;
  readonly indexes: readonly (readonly string[])[];
  readonly find: FindQuery;
  readonly list: ListQuery;
}

/** A read model with a row for each stream of a category, and its two queries. */
export interface ReadModel<State>
  extends Pick<ReadModelInput<State, readonly EventContract[]>, 'name' | 'noun' | 'view' | 'find' | 'list'> {
  readonly projection: Projection<StateRow<State>>;
}

/**
 * Declares a read model of an aggregate. Its projection keeps the fold's state as JSON, so a new field of the state
 * needs no change here: the raised version of the fold raises that of the projection. The key is the stream rather than
 * the aggregate's id: one partition owns a stream, and an id is only what the events of some stream say.
 * @throws InvalidProjectionError
 */
export function defineReadModel<State, const Contracts extends readonly EventContract[]>(
  input: ReadModelInput<State, Contracts>,
): ReadModel<State> {
  const { name, layout, description, fold, indexes } = input;
  const columns: StateColumns<State> = {
    stream: column.text,
    ...input.columns,
    // `json` keeps every character and the order of members; `jsonb` does neither
    state: column.json<State>(),
  };
  const derived = Object.entries(input.columns);
  const events: readonly EventContract[] = input.contracts;
  const projection = defineProjection({
    name,
    version: fold.foldVersion + layout,
    description,
    columns,
    key: 'stream',
    indexes,
    events,
    each: {
      key: streamOfEvent,
      evolve: (row, event: EventEnvelope & EventOf<Contracts[number]>) => {
        const before = row?.state ?? null;
        const occurredAt = businessTimeOf(event).toISOString();
        const state = fold.evolve(before, event, { ...event, occurredAt });
        if (state === null || state === before) return row;
        const values = derived.map(([name, { from }]) => [name, from(state)]);
        return { stream: event.stream, ...Object.fromEntries(values), state };
      },
    },
  });
  const { noun, view, find, list } = input;
  return { name, noun, view, find, list, projection };
}
