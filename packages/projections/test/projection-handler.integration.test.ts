import type { EventEnvelope } from '@headrace/event-schema';
import { createDatabase, type Database } from '@headrace/postgres';
import { eventually, usePostgres } from '@headrace/test-kit';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  column,
  defineProjection,
  foldRow,
  foldRows,
  type Projection,
  prepareProjections,
  withVersion,
} from '../src/index.ts';
import { type NoteData, noteEvent, notes } from './support/notes.ts';
import { rowsOf, startWorker } from './support/worker.ts';

const postgres = usePostgres();
let database: Database<unknown>;
let version = 0;

beforeAll(async () => {
  database = createDatabase<unknown>({ url: postgres.url, schema: postgres.schema, migrations: {} });
  await database.migrate();
});
afterAll(() => database.close());

/** The projection under a version, and so a table and a group, of its own. */
async function fresh<Row>(definition: Projection<Row>): Promise<Projection<Row>> {
  version += 1;
  const own = withVersion(definition, version);
  await prepareProjections(database, [own]);
  return own;
}

const event: fc.Arbitrary<NoteData> = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'nul\0', 'é', 'half \ud83d'),
  add: fc.integer({ min: 0, max: 1_000_000 }),
  text: fc.option(
    fc.oneof(fc.string({ unit: 'binary', maxLength: 5 }), fc.constantFrom('\0', '\ud83d', '\\u0000', '"{},')),
  ),
  remove: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
});
/** Lengths of the batches, over and over. */
const split = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 });

function batchesOf(events: readonly EventEnvelope[], lengths: readonly number[]): EventEnvelope[][] {
  const batches: EventEnvelope[][] = [];
  for (let from = 0, i = 0; from < events.length; i += 1) {
    const length = lengths[i % lengths.length] ?? 1;
    batches.push(events.slice(from, from + length));
    from += length;
  }
  return batches;
}

describe('the runtime of projections', () => {
  it('makes the same rows of any batches as the fold of everything at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 60 }), split, async (data, lengths) => {
        const events = data.map((one, n) => noteEvent(n, one));
        const definition = await fresh(notes);
        const worker = await startWorker(database, definition);
        for (const batch of batchesOf(events, lengths)) await worker.apply(batch);
        const expected = foldRows(definition, events);
        expect(await rowsOf(database, definition)).toEqual(expected);
        for (const key of ['a', 'nul\0'])
          expect(await foldRow(definition, events, key)).toEqual(
            expected.get(key.replace('\0', '\uFFFD')) ?? null,
          );
      }),
      { numRuns: 40 },
    );
  });

  it('deletes a row, and makes it anew later', async () => {
    const definition = await fresh(notes);
    const worker = await startWorker(database, definition);
    const note = (n: number, change: Partial<NoteData> = {}): EventEnvelope =>
      noteEvent(n, { key: 'a', add: 1, text: 't', remove: false, ...change });
    await worker.apply([note(0), note(1), note(2, { key: 'b' })]);
    expect((await rowsOf(database, definition)).get('a')).toMatchObject({ events: 2 });
    await worker.apply([note(3, { remove: true }), note(4, { key: 'never there', remove: true })]);
    expect([...(await rowsOf(database, definition)).keys()]).toEqual(['b']);
    await worker.apply([note(5), note(6, { remove: true }), note(7)]);
    expect((await rowsOf(database, definition)).get('a')).toMatchObject({ events: 1 });
  });

  it('does not write rows that an event leaves as they are, nor for events about none', async () => {
    const definition = await fresh(notes);
    const worker = await startWorker(database, definition);
    await worker.apply([noteEvent(0, { key: 'a', add: 1, text: 't', remove: false })]);
    const place = async (): Promise<unknown> =>
      (await sql`select ctid::text from ${sql.table(`notes_v${definition.version}`)}`.execute(database.db))
        .rows;
    const before = await place();
    const nothing = noteEvent(2, { key: 'x', add: 1, text: 't', remove: false }, { type: 'Ignored' });
    await worker.apply([noteEvent(1, { key: 'a', add: 0, text: 'u', remove: false }), nothing]);
    expect(await place()).toEqual(before);
  });

  it('loses no event of a row that several partitions make and change at once', async () => {
    const totals = await fresh(
      defineProjection({
        name: 'totals',
        version: 1,
        columns: { day: column.text, events: column.bigint },
        key: 'day',
        events: [],
        on: {
          '*': {
            key: ({ data }) => (data as NoteData).key,
            evolve: (row, { data }) => ({
              day: (data as NoteData).key,
              events: (row?.events ?? 0) + (data as NoteData).add,
            }),
          },
        },
      }),
    );
    const [partitions, batches, days] = [6, 25, 40];
    await Promise.all(
      Array.from({ length: partitions }, async (_, partition) => {
        const worker = await startWorker(database, totals, partition);
        for (let b = 0; b < batches; b += 1) {
          // everybody comes to new days at about the same time, in an order of his own
          const keys = Array.from({ length: 4 }, (_, i) => `day ${(b + ((i + partition) % 4)) % days}`);
          await worker.apply(
            keys.map((key, i) => noteEvent(b * 4 + i, { key, add: 1, text: null, remove: false })),
          );
        }
      }),
    );
    const rows = [...(await rowsOf(database, totals)).values()];
    expect(rows.reduce((sum, { events }) => sum + events, 0)).toBe(partitions * batches * 4);
  });

  it('folds again on a row that another partition makes in the meantime', async () => {
    const definition = await fresh(notes);
    const note = (n: number): EventEnvelope => noteEvent(n, { key: 'a', add: 1, text: 't', remove: false });
    const worker = await startWorker(database, definition, 1);
    const table = sql.table(`notes_v${definition.version}`);
    let waiting: Promise<void> | undefined;
    await database.db.transaction().execute(async (tx) => {
      await sql`insert into ${table} (id, events, total, busy, first_at, adds)
        values ('a', 5, 0, false, now(), '[]')`.execute(tx);
      waiting = worker.apply([note(0)]);
      await eventually(async () => {
        const { rows } = await sql<{ waiting: number }>`
          select count(*) as waiting from pg_stat_activity
          where wait_event_type = 'Lock' and application_name = ${`headrace/${postgres.schema}`}`.execute(tx);
        expect(rows[0]?.waiting).toBe(1);
      });
    });
    await waiting;
    expect((await rowsOf(database, definition)).get('a')).toMatchObject({ events: 6 });
  });

  it('says which event made no row, and leaves the batch undone', async () => {
    const definition = await fresh(notes);
    const worker = await startWorker(database, definition);
    const good = noteEvent(0, { key: 'a', add: 1, text: 't', remove: false });
    const bad = noteEvent(1, { key: 'a', add: 0.5, text: 't', remove: false });
    await expect(worker.apply([good, bad])).rejects.toMatchObject({
      code: 'INVALID_ROW',
      message: expect.stringMatching(/notes.*Noted at 0-1700000000001-0: column total: 3\.5 is no bigint/),
    });
    expect((await rowsOf(database, definition)).size).toBe(0);
  });
});
