import type { EventEnvelope } from '@headrace/event-schema';
import { createDatabase, type Database } from '@headrace/postgres';
import { usePostgres } from '@headrace/test-kit';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  activeTable,
  activeVersion,
  column,
  compareVersions,
  defineProjection,
  materialised,
  type Projection,
  prepareProjections,
  progressOf,
  projectionState,
  switchProjection,
  withVersion,
} from '../src/index.ts';
import { type NoteData, noteEvent } from './support/notes.ts';
import { startWorker } from './support/worker.ts';

interface Row {
  readonly id: string;
  readonly adds: number;
}

const postgres = usePostgres();
let database: Database<unknown>;
let tests = 0;
let name = '';
let v1: Projection<Row>;
let v2: Projection<Row>;

beforeAll(async () => {
  database = createDatabase<unknown>({ url: postgres.url, schema: postgres.schema, migrations: {} });
  await database.migrate();
});
afterAll(() => database.close());
beforeEach(() => {
  tests += 1;
  name = `adds_${tests}`;
  v1 = adding(1);
  v2 = withVersion(v1, 2);
});

function adding(times: number, extra: Record<string, typeof column.text> = {}): Projection<Row> {
  return defineProjection({
    name,
    version: 1,
    columns: { id: column.text, adds: column.bigint, ...extra },
    key: 'id',
    indexes: [['adds']],
    events: [],
    on: {
      '*': {
        key: ({ data }) => (data as NoteData).key,
        evolve: (row, { data }) => ({
          id: (data as NoteData).key,
          adds: (row?.adds ?? 0) + times * (data as NoteData).add,
        }),
      },
    },
  });
}

const event = (n: number, key = 'a'): EventEnvelope =>
  noteEvent(n, { key, add: 1, text: null, remove: false }, { stream: `note:${key}` });
const events = (from: number, to: number): EventEnvelope[] =>
  Array.from({ length: to - from }, (_, i) => event(from + i, `k${(from + i) % 5}`));
const versionsOf = async (of: string) =>
  (await projectionState(database, of)).versions.filter(({ retired }) => !retired);
const entry = (n: number): string => `${1_700_000_000_000 + n}-0`;

describe('preparing', () => {
  it('makes the first version active, not a later one, in several processes at once', async () => {
    const all = Array.from({ length: 4 }, () => prepareProjections(database, [v1, v2]));
    await Promise.all(all);
    expect(await activeVersion(database, name)).toBe(1);
    expect(await activeTable(database, name)).toBe(`${name}_v1`);
    expect(await versionsOf(name)).toMatchObject([
      { version: 1, active: true },
      { version: 2, active: false },
    ]);
    const { rows } = await sql<{ indexes: number }>`
      select count(*) as indexes from pg_indexes
      where schemaname = ${postgres.schema} and indexname = ${`${name}_v1_adds_idx`}`.execute(database.db);
    expect(rows).toEqual([{ indexes: 1 }]);
  });

  it('refuses other columns under the same version, and adds an index', async () => {
    await prepareProjections(database, [v1]);
    const changed = adding(1, { more: column.text });
    await expect(prepareProjections(database, [changed])).rejects.toMatchObject({
      code: 'PROJECTION_CHANGED',
    });
    await prepareProjections(database, [{ ...v1, indexes: [['adds', 'id']] }]);
    const { rows } = await sql<{ there: boolean }>`
      select to_regclass(${`${name}_v1_adds_id_idx`}) is not null as there`.execute(database.db);
    expect(rows).toEqual([{ there: true }]);
  });

  it('knows nothing of what was not prepared', async () => {
    for (const ask of [
      () => activeTable(database, 'nobody'),
      () => versionsOf('nobody'),
      () => materialised(database, '0-1-0', 'nobody'),
      () => switchProjection(database, 'nobody', 1),
    ])
      await expect(ask()).rejects.toMatchObject({ code: 'UNKNOWN_PROJECTION', projection: 'nobody' });
    await prepareProjections(database, [v1]);
    await expect(switchProjection(database, name, 7)).rejects.toThrow('version 7');
  });
});

describe('progress', () => {
  it('counts what is done, by partition', async () => {
    await prepareProjections(database, [v1]);
    expect(await progressOf(database, v1)).toMatchObject({ partitions: [], handledEntries: 0 });
    const worker = await startWorker(database, v1, 2);
    await startWorker(database, v1, 0);
    await worker.apply(events(0, 10));
    await worker.park(event(10));
    expect(await progressOf(database, v1)).toMatchObject({
      group: `projection:${name}:v1`,
      handledEntries: 11,
      parkedEvents: 1,
      partitions: [
        { partition: 0, position: null, handledEntries: 0, parkedEvents: 0 },
        { partition: 2, position: `2-${entry(10)}`, handledEntries: 11, parkedEvents: 1 },
      ],
    });
  });

  it('says of an event whether its effect is there, in the active version', async () => {
    await prepareProjections(database, [v1, v2]);
    expect(await materialised(database, `0-${entry(3)}`, name)).toBe('not-yet');
    const [worker, other] = [await startWorker(database, v1), await startWorker(database, v2)];
    expect(await materialised(database, `0-${entry(3)}`, name)).toBe('not-yet');
    await other.apply(events(0, 5));
    expect(await materialised(database, `0-${entry(3)}`, name)).toBe('not-yet');
    await worker.apply(events(0, 4));
    expect(await materialised(database, `0-${entry(3)}`, name)).toBe('yes');
    expect(await materialised(database, `0-${entry(4)}`, name)).toBe('not-yet');
    expect(await materialised(database, `1-${entry(3)}`, name)).toBe('not-yet');
    await worker.park(event(4));
    expect(await materialised(database, `0-${entry(4)}`, name)).toBe('parked');
    await expect(materialised(database, 'nonsense', name)).rejects.toMatchObject({
      code: 'INVALID_POSITION',
    });
  });
});

describe('switching', () => {
  it('refuses a version that is behind, and says where', async () => {
    await prepareProjections(database, [v1, v2]);
    const [worker, second] = [await startWorker(database, v1), await startWorker(database, v1, 1)];
    const other = await startWorker(database, v2);
    await worker.apply(events(0, 9));
    await second.apply(events(0, 2));
    await other.apply(events(0, 8));
    expect(await switchProjection(database, name, 2, { waitMs: 0 })).toEqual({
      status: 'behind',
      partitions: [
        { partition: 0, active: entry(8), target: entry(7) },
        { partition: 1, active: entry(1), target: null },
      ],
    });
    expect(await activeVersion(database, name)).toBe(1);
  });

  it('refuses one with parked events, at the same place', async () => {
    await prepareProjections(database, [v1, v2]);
    const [worker, other] = [await startWorker(database, v1), await startWorker(database, v2)];
    await worker.apply(events(0, 3));
    await other.apply(events(0, 2));
    await other.park(event(2));
    expect(await switchProjection(database, name, 2)).toEqual({ status: 'parked', parkedEvents: 1 });
    expect(await activeVersion(database, name)).toBe(1);
  });

  it('moves forth, and back with the same call', async () => {
    await prepareProjections(database, [v1, v2]);
    const [worker, other] = [await startWorker(database, v1), await startWorker(database, v2)];
    await worker.apply(events(0, 3));
    await other.apply(events(0, 4));
    expect(await switchProjection(database, name, 2)).toEqual({ status: 'switched', from: 1, to: 2 });
    expect(await activeTable(database, name)).toBe(`${name}_v2`);
    expect(await switchProjection(database, name, 2)).toEqual({ status: 'unchanged', to: 2 });
    expect(await switchProjection(database, name, 1, { waitMs: 0 })).toMatchObject({ status: 'behind' });
    await worker.apply(events(3, 4));
    expect(await switchProjection(database, name, 1)).toEqual({ status: 'switched', from: 2, to: 1 });
  });

  it('waits for one that follows a live version closely, which waits for it meanwhile', async () => {
    await prepareProjections(database, [v1, v2]);
    const [worker, other] = [await startWorker(database, v1), await startWorker(database, v2)];
    await worker.apply(events(0, 5));
    const switching = switchProjection(database, name, 2, { waitMs: 20_000 });
    await expect.poll(() => isLocked()).toBe(true);
    const next = worker.apply(events(5, 6));
    await other.apply(events(0, 5));
    expect(await switching).toEqual({ status: 'switched', from: 1, to: 2 });
    await next;
  });

  async function isLocked(): Promise<boolean> {
    const { rows } = await sql`
      select 1 from consumer_checkpoints where group_name = ${`projection:${name}:v1`}
      for update skip locked`.execute(database.db);
    return rows.length === 0;
  }
});

describe('comparing', () => {
  it('finds nothing between equal versions', async () => {
    await prepareProjections(database, [v1, v2]);
    for (const definition of [v1, v2]) await (await startWorker(database, definition)).apply(events(0, 20));
    expect(await compareVersions(database, v1, v2)).toEqual({
      activeRows: 5,
      targetRows: 5,
      compared: 5,
      different: 0,
      differences: [],
    });
  });

  it('shows rows that differ or are missing, in the columns that both have', async () => {
    const twice = withVersion(adding(2, {}), 2);
    await prepareProjections(database, [v1, twice]);
    await (await startWorker(database, v1)).apply([event(0, 'a'), event(1, 'gone')]);
    await (await startWorker(database, twice)).apply([event(0, 'a'), event(1, 'new')]);
    expect(await compareVersions(database, v1, twice, { sample: 10 })).toMatchObject({
      activeRows: 2,
      targetRows: 2,
      compared: 3,
      different: 3,
      differences: [
        { key: 'a', active: { id: 'a', adds: 1 }, target: { id: 'a', adds: 2 } },
        { key: 'gone', active: { id: 'gone', adds: 1 }, target: null },
        { key: 'new', active: null, target: { id: 'new', adds: 2 } },
      ],
    });
  });

  it('compares empty tables', async () => {
    await prepareProjections(database, [v1, v2]);
    expect(await compareVersions(database, v1, v2)).toMatchObject({ compared: 0, differences: [] });
  });
});
