import { createRegistry } from '@headrace/event-schema';
import { type EventStore, openEventStore } from '@headrace/event-store';
import { createDatabase, type Database } from '@headrace/postgres';
import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  activeTable,
  activeVersion,
  column,
  defineProjection,
  type Projection,
  ProjectionRunner,
  prepareProjections,
  projectionState,
  retireVersion,
  setPaused,
  startBuild,
  switchProjection,
} from '../src/index.ts';

interface Row {
  readonly id: string;
  readonly adds: number;
}

const redis = useRedis();
const postgres = usePostgres({ isolation: 'database' });
const runners: ProjectionRunner[] = [];
let tests = 0;
let store: EventStore;
let database: Database<unknown>;

beforeEach(async () => {
  tests += 1;
  const schema = `runner_${tests}`;
  database = createDatabase<unknown>({ url: postgres.url, schema, migrations: {} });
  await database.migrate();
  store = await openEventStore({
    redisUrl: redis.url,
    prefix: `${redis.prefix}-${tests}`,
    partitions: 4,
    registry: createRegistry([]),
    durability: 'memory',
  });
});
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.stop()));
  await database.close();
  await store.close();
});

/** Sums up what was added, so many times over. */
function adding(version: number, times: number): Projection<Row> {
  return defineProjection({
    name: 'adds',
    version,
    columns: { id: column.text, adds: column.bigint },
    key: 'id',
    events: [],
    on: {
      '*': {
        key: ({ stream }) => stream,
        evolve: (row, { stream, data }) => ({
          id: stream,
          adds: (row?.adds ?? 0) + times * (data as { add: number }).add,
        }),
      },
    },
  });
}

/** A process whose code has these projections. */
async function start(
  instance: string,
  ...projections: readonly Projection<Row>[]
): Promise<ProjectionRunner> {
  await prepareProjections(database, projections);
  const consumer = { store, instance, leaseMs: 1_000 };
  const runner = new ProjectionRunner({ database, projections, consumer, pollMs: 50 });
  runners.push(runner);
  runner.start();
  return runner;
}

const STREAMS = Array.from({ length: 10 }, (_, i) => `note:${i}`);

async function addToEach(add: number): Promise<void> {
  await Promise.all(STREAMS.map((stream) => store.append(stream, [{ type: 'Added', data: { add } }])));
}

async function rows(table: string): Promise<readonly number[]> {
  const found = await sql<Row>`select * from ${sql.table(table)} order by id`.execute(database.db);
  return found.rows.map(({ adds }) => adds);
}

const all = (value: number): number[] => STREAMS.map(() => value);
const activeRows = async (): Promise<readonly number[]> => rows(await activeTable(database, 'adds'));

const running = async (runner: ProjectionRunner): Promise<readonly string[]> => {
  const groups = await Promise.all(runner.admins.map((admin) => admin.status()));
  return groups.filter(({ partitions }) => partitions.length > 0).map(({ group }) => group);
};

describe('a process with newer code', () => {
  it('builds its version beside the one of the old code, which goes on, and takes its place', async () => {
    const old = await start('old', adding(1, 1));
    await addToEach(1);
    await eventually(async () => expect(await activeRows()).toEqual(all(1)));
    await start('new', adding(2, 100));
    await eventually(async () => expect(await activeVersion(database, 'adds')).toBe(2));
    await addToEach(1);
    await eventually(async () => {
      expect(await activeRows()).toEqual(all(200));
      expect(await rows('adds_v1')).toEqual(all(2));
    });
    expect(await running(old)).toEqual(['projection:adds:v1']);
    const { versions } = await projectionState(database, 'adds');
    expect(versions).toMatchObject([
      { version: 1, foldVersion: 1, active: false },
      { version: 2, foldVersion: 2, active: true, comparison: { different: 10, compared: 10 } },
    ]);
    // back to where the old code is, whose process knows nothing of it
    expect(await switchProjection(database, 'adds', 1, { store })).toMatchObject({ status: 'switched' });
    expect(await activeRows()).toEqual(all(2));
    await prepareProjections(database, [adding(2, 100)]);
    expect((await projectionState(database, 'adds')).versions).toHaveLength(2);
  });

  it('gets a number of its own where the old code was rebuilt under that one', async () => {
    await start('old', adding(1, 1));
    await addToEach(1);
    expect(await startBuild(database, adding(1, 1), 'caught-up')).toBe(2);
    await eventually(async () => expect(await activeVersion(database, 'adds')).toBe(2));
    await start('new', adding(1, 1), adding(2, 100));
    await eventually(async () => expect(await activeVersion(database, 'adds')).toBe(3));
    await addToEach(1);
    await eventually(async () => {
      expect(await activeRows()).toEqual(all(200));
      for (const table of ['adds_v1', 'adds_v2']) expect(await rows(table)).toEqual(all(2));
    });
    const { versions } = await projectionState(database, 'adds');
    expect(versions.map(({ version, foldVersion }) => [version, foldVersion])).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
    ]);
  });
});

describe('what the database says', () => {
  it('holds for a process that starts: paused is paused', async () => {
    const first = await start('first', adding(1, 1));
    await addToEach(1);
    await eventually(async () => expect(await activeRows()).toEqual(all(1)));
    expect(await setPaused(database, 'adds', true)).toBe(true);
    expect(await setPaused(database, 'adds', true)).toBe(false);
    await eventually(async () => expect(await running(first)).toEqual([]));
    const second = await start('second', adding(1, 1));
    await addToEach(1);
    await second.refresh();
    expect([await running(second), await activeRows()]).toEqual([[], all(1)]);
    await setPaused(database, 'adds', false);
    await eventually(async () => expect(await activeRows()).toEqual(all(2)));
    await expect(setPaused(database, 'nobody', true)).rejects.toMatchObject({ code: 'UNKNOWN_PROJECTION' });
  });

  it('removes nothing of a retired version while somebody may still work on it, and whatever comes back', async () => {
    const runner = await start('first', adding(1, 1));
    await addToEach(1);
    await startBuild(database, adding(1, 1), 'asked');
    await eventually(async () => expect(await rows('adds_v2')).toEqual(all(1)));
    // a member that has gone to sleep
    const members = store.keys.members('projection:adds:v2');
    const awake = async (): Promise<void> => {
      const [seconds] = await store.redis.time();
      await store.redis.zadd(members, Number(seconds) * 1_000 + 900_000, 'sleeper');
    };
    await awake();
    await retireVersion(database, { name: 'adds', version: 2 });
    await eventually(async () =>
      expect(runner.admins.map(({ group }) => group)).toEqual(['projection:adds:v1']),
    );
    await runner.refresh();
    expect(await rows('adds_v2')).toEqual(all(1));
    await store.redis.zrem(members, 'sleeper');
    const left = async (): Promise<unknown> => {
      const found = await sql<{ left: unknown }>`
        select array[to_regclass('adds_v2')::text, (
          select count(*) from consumer_checkpoints where group_name = 'projection:adds:v2')::text] as left`.execute(
        database.db,
      );
      return found.rows[0]?.left;
    };
    await eventually(async () => expect(await left()).toEqual([null, '0']));
    await sql`
      insert into consumer_checkpoints (group_name, partition, epoch, owner)
      values ('projection:adds:v2', 0, 99, 'sleeper')`.execute(database.db);
    await eventually(async () => expect(await left()).toEqual([null, '0']));
    const active = retireVersion(database, { name: 'adds', version: 1 });
    await expect(active).rejects.toMatchObject({ code: 'VERSION_ACTIVE' });
    await expect(retireVersion(database, { name: 'adds', version: 2 })).rejects.toMatchObject({
      code: 'UNKNOWN_PROJECTION',
    });
    expect(await startBuild(database, adding(1, 1), 'asked')).toBe(3);
    await expect(startBuild(database, adding(1, 1), 'asked')).rejects.toMatchObject({
      code: 'BUILD_IN_PROGRESS',
      version: 3,
    });
  });
});
