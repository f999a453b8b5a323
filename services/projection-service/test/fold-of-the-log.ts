import type { EventEnvelope } from '@headrace/event-schema';
import { activeTable, foldRows, type Projection } from '@headrace/projections';
import { sql } from 'kysely';
import { expect } from 'vitest';
import { projections } from '../src/projections/built-in.ts';
import { orders } from '../src/read-models/orders.ts';
import type { RunningService } from './running-service.ts';

async function wholeLog({ store }: RunningService): Promise<readonly EventEnvelope[]> {
  const events: EventEnvelope[] = [];
  for await (const event of store.readLog()) events.push(event);
  return events;
}

/** A table's rows, by key. */
export async function rowsOf(
  { database }: RunningService,
  table: string,
  key: string,
): Promise<ReadonlyMap<string, unknown>> {
  const { rows } = await sql<Readonly<Record<string, unknown>>>`select * from ${sql.table(table)}`.execute(
    database.db,
  );
  return new Map(rows.map((row) => [String(row[key]), row]));
}

/** Every read model holds exactly what a fold of the log makes, row by row and column by column. */
export async function expectFoldsOfTheLog(service: RunningService): Promise<void> {
  const events = await wholeLog(service);
  const all: readonly Projection<unknown>[] = projections;
  for (const projection of all) {
    const table = await activeTable(service.database, projection.name);
    const rows = await rowsOf(service, table, projection.key);
    expectSame(rows, foldRows(projection, events), projection.name);
  }
}

/** One table of `orders` against a fold of the log. */
export async function expectOrdersOfTheLog(service: RunningService, table: string): Promise<void> {
  const expected = foldRows(orders.projection, await wholeLog(service));
  expectSame(await rowsOf(service, table, orders.projection.key), expected, table);
}

/** Says which rows differ, in place of printing all of them. */
function expectSame(
  rows: ReadonlyMap<string, unknown>,
  expected: ReadonlyMap<string, unknown>,
  what: string,
): void {
  const extra = [...rows.keys()].filter((key) => !expected.has(key));
  const missing = [...expected.keys()].filter((key) => !rows.has(key));
  expect({ what, extra: extra.slice(0, 5), missing: missing.slice(0, 5) }).toEqual({
    what,
    extra: [],
    missing: [],
  });
  for (const [key, row] of expected) expect(rows.get(key), `${what} ${key}`).toEqual(row);
}
