import { createRegistry } from '@headrace/event-schema';
import { type EventStore, openEventStore } from '@headrace/event-store';
import { createDatabase, type Database } from '@headrace/postgres';
import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  activeTable,
  activeVersion,
  addProjection,
  column,
  compareVersions,
  defineProjection,
  inPreparation,
  materialised,
  type Projection,
  ProjectionRunner,
  prepareProjections,
  projectionStates,
  projectionTable,
  removeProjection,
  setPaused,
  startBuild,
  withVersion,
} from '../src/index.ts';

const redis = useRedis();
const postgres = usePostgres();
let store: EventStore;
let database: Database<unknown>;

beforeAll(async () => {
  database = createDatabase<unknown>({ url: postgres.url, schema: postgres.schema, migrations: {} });
  await database.migrate();
  store = await openEventStore({
    redisUrl: redis.url,
    prefix: redis.prefix,
    partitions: 2,
    registry: createRegistry([]),
    durability: 'memory',
  });
  for (let i = 0; i < 20; i += 1) await store.append(`note:${i}`, [{ type: 'Noted', data: {} }]);
});
afterAll(async () => {
  await database.close();
  await store.close();
});

interface Row {
  readonly id: string;
  readonly count: number;
}

const counting = (name: string, step = 1): Projection<Row> =>
  defineProjection({
    name,
    version: 1,
    columns: { id: column.text, count: column.bigint },
    key: 'id',
    events: [],
    on: { '*': { key: () => 'all', evolve: (row) => ({ id: 'all', count: (row?.count ?? 0) + step }) } },
  });

const add = (one: Projection<unknown>) => inPreparation(database, (tx) => addProjection(tx, one));
const remove = (name: string) => inPreparation(database, (tx) => removeProjection(tx, name));
const unknown = { code: 'UNKNOWN_PROJECTION' };

async function countIn(name: string): Promise<unknown> {
  const table = await activeTable(database, name);
  const { rows } = await sql<{ count: number }>`select count from ${sql.table(table)}`.execute(database.db);
  return rows[0]?.count;
}

describe('a projection that is added while others run', () => {
  const added: Projection<unknown>[] = [];
  const runners: ProjectionRunner[] = [];

  beforeAll(async () => {
    await prepareProjections(database, [counting('first')]);
    for (const instance of ['a', 'b']) {
      const consumer = { store, instance, leaseMs: 1_000 };
      const projections = [counting('first')];
      const listed = async () => [...added];
      const runner = new ProjectionRunner({ database, projections, added: listed, consumer, pollMs: 50 });
      runners.push(runner);
      runner.start();
    }
  });
  afterAll(() => Promise.all(runners.map((runner) => runner.stop())));

  it('is filled from the beginning, and goes when it is removed', async () => {
    await add(counting('second'));
    added.push(counting('second'));
    await eventually(async () => expect([await countIn('first'), await countIn('second')]).toEqual([20, 20]));
    for (const runner of runners)
      await eventually(() =>
        expect(runner.admins.map(({ group }) => group)).toContain('projection:second:v1'),
      );
    added.splice(0);
    await remove('second');
    await expect(activeVersion(database, 'second')).rejects.toMatchObject(unknown);
    await eventually(async () => {
      expect((await projectionStates(database)).map(({ name }) => name)).toEqual(['first']);
      for (const runner of runners)
        expect(runner.admins.map(({ group }) => group)).toEqual(['projection:first:v1']);
    });
    const { rows } = await sql`select to_regclass('second_v1') as there`.execute(database.db);
    expect(rows).toEqual([{ there: null }]);
  });

  it('gets another number when it is added again', async () => {
    await add(counting('second'));
    added.push(counting('second'));
    expect(await activeVersion(database, 'second')).toBe(2);
    await eventually(async () => expect(await countIn('second')).toBe(20));
  });
});

describe('a projection that is made anew with another fold', () => {
  it('is never filled by the fold that it had before, also by a process that has just listed that one', async () => {
    let added: Projection<unknown>[] = [counting('anew')];
    await add(counting('anew'));
    let isFirst = true;
    const listed = async () => {
      const found = added;
      if (!isFirst) return found;
      isFirst = false;
      await remove('anew');
      added = [counting('anew', 100)];
      await add(counting('anew', 100));
      return found;
    };
    const consumer = { store, instance: 'late', leaseMs: 1_000 };
    const runner = new ProjectionRunner({
      database,
      projections: [],
      added: listed,
      consumer,
      pollMs: 50,
    });
    runner.start();
    try {
      await eventually(async () => expect(await countIn('anew')).toBe(2_000));
    } finally {
      await runner.stop();
    }
    expect(await activeVersion(database, 'anew')).toBe(2);
  });
});

describe('preparing', () => {
  const holding = async (work: () => Promise<void>) => {
    const { url, schema } = postgres;
    const other = createDatabase<unknown>({ url, schema, migrations: {} });
    try {
      await inPreparation(other, work);
    } finally {
      await other.close();
    }
  };

  it('waits for others so long and no longer, and says that it was they', async () => {
    await holding(async () => {
      const waiting = inPreparation(database, async () => undefined, { waitMs: 50 });
      await expect(waiting).rejects.toMatchObject({ code: '55P03' });
    });
    expect(await inPreparation(database, async () => 'done', { waitMs: 50 })).toBe('done');
  });

  it('has a bound unless it is said otherwise, and so have its statements', async () => {
    const bounds = await inPreparation(database, async (tx) => {
      const { rows } = await sql<Record<string, string>>`
        select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement`.execute(
        tx,
      );
      return rows;
    });
    expect(bounds).toEqual([{ lock: '5s', statement: '30s' }]);
  });

  it('of what the code has takes no connection of the pool, whose answers have a bound', async () => {
    const { url, schema } = postgres;
    const small = createDatabase<unknown>({ url, schema, migrations: {}, maxConnections: 1 });
    try {
      await small.db.connection().execute(async () => {
        await prepareProjections(small, [counting('beside')]);
      });
      expect(await activeVersion(small, 'beside')).toBe(1);
    } finally {
      await small.close();
    }
  });
});

describe('adding', () => {
  it('is for a name that nothing has, and leaves nothing when it does not come to its end', async () => {
    await expect(add(counting('first'))).rejects.toMatchObject({ code: 'PROJECTION_EXISTS' });
    const died = inPreparation(database, async (tx) => {
      await addProjection(tx, counting('never'));
      throw new Error('died');
    });
    await expect(died).rejects.toThrow('died');
    await expect(activeVersion(database, 'never')).rejects.toMatchObject(unknown);
    await add(counting('never'));
    expect(await activeVersion(database, 'never')).toBe(1);
  });

  it('takes a name with a hyphen', async () => {
    await add(counting('by-hand'));
    expect(await countIn('by-hand')).toBe(undefined);
  });
});

describe('a removed projection', () => {
  it('cannot be worked with, but comes back with code that has it', async () => {
    await add(counting('gone'));
    await remove('gone');
    await expect(remove('gone')).rejects.toMatchObject(unknown);
    await expect(setPaused(database, 'gone', true)).rejects.toMatchObject(unknown);
    await expect(startBuild(database, counting('gone'), 'asked')).rejects.toMatchObject(unknown);
    await expect(materialised(database, '0-1-0', 'gone')).rejects.toMatchObject(unknown);
    await prepareProjections(database, [counting('gone')]);
    expect(await activeVersion(database, 'gone')).toBe(2);
  });
});

describe('comparing', () => {
  it('takes what json may hold and jsonb may not', async () => {
    const define = (name: string) =>
      defineProjection({
        name,
        version: 1,
        columns: { id: column.text, data: column.json() },
        key: 'id',
        events: [],
        on: {},
      });
    const [v1, v2] = [define('odd'), withVersion(define('odd'), 2)];
    await prepareProjections(database, [v1, v2]);
    const odd = ['{"a":"\\u0000"}', '{"a":"\\ud800"}', '{"a":"\\\\u0000","b":1}'];
    for (const version of [v1, v2])
      await sql`
        insert into ${sql.table(projectionTable(version))} (id, data)
        select n::text, data::json from unnest(${odd}::text[]) with ordinality as given(data, n)`.execute(
        database.db,
      );
    expect(await compareVersions(database, v1, v2)).toMatchObject({ compared: 3, different: 0 });
    await sql`update odd_v2 set data = '{"a":"\\u0000","b":2}' where id = '1'`.execute(database.db);
    await sql`update odd_v2 set data = '{"b":1, "a":"\\\\u0000"}' where id = '3'`.execute(database.db);
    const { differences } = await compareVersions(database, v1, v2, { attempts: 1 });
    expect(differences.map(({ key }) => key)).toEqual(['1']);
  });
});
