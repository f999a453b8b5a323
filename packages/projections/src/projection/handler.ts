import type { TransactionalHandler } from '@headrace/consumer';
import type { EventEnvelope } from '@headrace/event-schema';
import { BeginAnewError, pipelined } from '@headrace/postgres';
import type { Transaction } from 'kysely';
import type { Projection } from './definition.ts';
import { evolveRow, type KeyedEvent, keyedEvents } from './fold.ts';
import { createRowTable, type RowChanges, type RowTable } from './row-table.ts';

/**
 * Keeps the table of a projection's version up to date, as the handler of its consumer group: a batch's rows are
 * read in one query, folded in memory and written in one.
 */
export function projectionHandler<Tables, Row>(
  definition: Projection<Row>,
): TransactionalHandler<Transaction<Tables>> {
  const table = createRowTable(definition);
  return {
    ...(definition.types === undefined ? {} : { types: definition.types }),
    mixesPartitions: true,
    handle: (events, tx) => project(definition, table, events, tx),
  };
}

/**
 * Events of several partitions may be about one row (a day's totals, say). Rows that are there are locked; one
 * that is not cannot be, so when another partition has made it meanwhile, the transaction is to begin anew. All
 * take their locks in the order of the keys, and rows to insert after all locks: no deadlock.
 */
async function project<Tables, Row>(
  definition: Projection<Row>,
  table: RowTable<Row>,
  events: readonly EventEnvelope[],
  tx: Transaction<Tables>,
): Promise<void> {
  const keyed = keyedEvents(definition, events);
  if (keyed.length === 0) return;
  const keys = [...new Set(keyed.map(({ key }) => key))].sort();
  const direct = await pipelined(tx);
  const before = await table.lockRows(direct, keys);
  const written = await table.write(direct, changesOf(before, foldBatch(definition, before, keyed), keys));
  if (!written)
    throw new BeginAnewError(`another partition has made a row of projection "${definition.name}"`);
}

function foldBatch<Row>(
  definition: Projection<Row>,
  before: ReadonlyMap<string, Row>,
  keyed: readonly KeyedEvent<Row>[],
): ReadonlyMap<string, Row | null> {
  const rows = new Map<string, Row | null>();
  for (const event of keyed) {
    const known = rows.get(event.key);
    const row = known === undefined ? (before.get(event.key) ?? null) : known;
    rows.set(event.key, evolveRow(definition, row, event));
  }
  return rows;
}

function changesOf<Row>(
  before: ReadonlyMap<string, Row>,
  after: ReadonlyMap<string, Row | null>,
  keys: readonly string[],
): RowChanges<Row> {
  const inserted: Row[] = [];
  const updated: Row[] = [];
  const deleted: string[] = [];
  for (const key of keys) {
    const old = before.get(key);
    const row = after.get(key) ?? null;
    if (row === null) {
      if (old !== undefined) deleted.push(key);
    } else if (old === undefined) inserted.push(row);
    else if (row !== old) updated.push(row);
  }
  return { inserted, updated, deleted };
}
