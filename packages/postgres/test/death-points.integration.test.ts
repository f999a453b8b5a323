import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type EventStore, openEventStore } from '@headrace/event-store';
import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type Database } from '../src/index.ts';
import type { Death, DeathPoint } from './support/death-points.ts';
import { type EffectTables, effectMigrations } from './support/effects.ts';
import { registry } from './support/order-delivered.ts';

const partitions = 4;
const CATCH_UP = { timeoutMs: 20_000 };

const redis = useRedis();
const postgres = usePostgres({ isolation: 'database' });
const schema = 'death_points';
const children: ChildProcess[] = [];
let store: EventStore;
let database: Database<EffectTables>;
beforeAll(async () => {
  store = await openEventStore({
    redisUrl: redis.url,
    prefix: redis.prefix,
    partitions,
    registry,
    durability: 'memory',
  });
  database = createDatabase<EffectTables>({ url: postgres.url, schema, migrations: effectMigrations });
  await database.migrate();
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
afterAll(async () => {
  await database.close();
  await store.close();
});

function startWorker(instance: string, death?: Death): ChildProcess {
  const { url: redisUrl, prefix } = redis;
  const options = { redisUrl, prefix, partitions, databaseUrl: postgres.url, schema, instance, death };
  const file = fileURLToPath(new URL('./fixtures/death-points-worker.ts', import.meta.url));
  const args = ['--conditions=@headrace/source', file, JSON.stringify(options)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  children.push(child);
  return child;
}

async function diesAt(death: Death): Promise<void> {
  const [, signal] = await once(
    startWorker(`${death.point} ${death.time}`.replaceAll(' ', '-'), death),
    'exit',
  );
  expect(signal).toBe('SIGKILL');
}

/** Two new streams on each partition. */
function newStreams(): string[] {
  const found = Array.from({ length: partitions }, (): string[] => []);
  while (found.some((streams) => streams.length < 2)) {
    const stream = `order:${randomUUID()}`;
    const streams = found[store.keys.partitionOf(stream)];
    if (streams !== undefined && streams.length < 2) streams.push(stream);
  }
  return found.flat();
}

async function say(stream: string, ...texts: readonly string[]): Promise<void> {
  const orderId = stream.slice('order:'.length);
  const event = (signature: string) => ({
    type: 'OrderDelivered',
    data: { orderId, userId: 'ann', signature },
  });
  await store.append(stream, texts.map(event));
}

/** Every event of the log has its effect once, those of a stream in their order. */
async function expectEffectsOfTheLog(): Promise<void> {
  const effects = await database.db.selectFrom('effects').selectAll().orderBy('place').execute();
  const found = Map.groupBy(effects, ({ stream }) => stream);
  const expected = new Map<string, string[]>();
  for await (const { stream, data } of store.readLog())
    expected.set(stream, [
      ...(expected.get(stream) ?? []),
      String((data as { signature?: unknown }).signature),
    ]);
  for (const [stream, texts] of expected)
    expect(
      found.get(stream)?.map(({ text }) => text),
      stream,
    ).toEqual(texts);
  expect(effects).toHaveLength([...expected.values()].flat().length);
}

interface Mirrored {
  readonly partition: number;
  readonly lastDelivered: unknown;
  readonly entriesRead: unknown;
}

async function mirrors(): Promise<Mirrored[]> {
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  return await Promise.all(
    all.map(async (partition) => {
      const [group = []] = (await store.redis.xinfo('GROUPS', store.keys.log(partition))) as unknown[][];
      const field = (name: string): unknown => group[group.indexOf(name) + 1];
      return { partition, lastDelivered: field('last-delivered-id'), entriesRead: field('entries-read') };
    }),
  );
}

/** What operators see in Redis is where the log ends. */
async function expectMirrorsAtTheEnd(): Promise<void> {
  for (const { partition, lastDelivered, entriesRead } of await mirrors()) {
    const key = store.keys.log(partition);
    const [last] = await store.redis.xrevrange(key, '+', '-', 'COUNT', 1);
    expect([partition, lastDelivered, entriesRead]).toEqual([
      partition,
      last?.[0],
      await store.redis.xlen(key),
    ]);
  }
}

async function checkpoints(): Promise<readonly { readonly partition: number; readonly handled: number }[]> {
  const { rows } = await sql<{ partition: number; handled: number }>`
    select partition, handled_entries as handled from consumer_checkpoints`.execute(database.db);
  return rows;
}

/** How many effects were written that no transaction has kept: numbers are used up all the same. */
async function takenBack(): Promise<number> {
  const { rows } = await sql<{ lost: number }>`
    select (select last_value from effects_place_seq) - (select count(*) from effects) as lost`.execute(
    database.db,
  );
  return rows[0]?.lost ?? 0;
}

/** Whether the checkpoint of some partition is ahead of its mirror. */
async function isAhead(): Promise<boolean> {
  const read = new Map(
    (await mirrors()).map(({ partition, entriesRead }) => [partition, Number(entriesRead)]),
  );
  return (await checkpoints()).some(({ partition, handled }) => handled > (read.get(partition) ?? 0));
}

const nothingToSee = async (): Promise<void> => undefined;

/**
 * A life mirrors each partition when it takes it over, and again when everything is handled: the first is on arrival,
 * the others with nothing in hand.
 */
const MIRRORS = [1, partitions + 1, 2 * partitions];

/** What each death leaves behind, as far as that can be told from outside: proof that it hit. */
const traces: Readonly<Record<DeathPoint, (lostBefore: number) => Promise<void>>> = {
  'effects written': async (before) => expect(await takenBack()).toBeGreaterThan(before),
  committed: async () => expect(await isAhead()).toBe(true),
  'mirror sent': nothingToSee,
  mirrored: nothingToSee,
};

describe('a transactional worker that is killed', () => {
  it.each([
    ['between its effects and the commit', 'effects written', 5],
    ['between the commit and the mirror', 'committed', 5],
    ['before it hears that its place is mirrored', 'mirror sent', 3],
    ['after the mirror', 'mirrored', 3],
  ] as const)(
    'again and again %s leaves every effect once, and the mirror catches up',
    async (_, point, lives) => {
      const streams = newStreams();
      for (let life = 0; life < lives; life += 1) {
        for (const stream of streams) await say(stream, `${life}a`, `${life}b`, `${life}c`);
        const lostBefore = await takenBack();
        // further each time: three deaths in a row with the same event in hand would convict it
        await diesAt({ point, time: point.startsWith('mirror') ? (MIRRORS[life] ?? 1) : 1 + 2 * life });
        await traces[point](lostBefore);
      }
      startWorker(`after-${point.replaceAll(' ', '-')}`);
      await eventually(expectEffectsOfTheLog, CATCH_UP);
      await eventually(expectMirrorsAtTheEnd, CATCH_UP);
    },
    60_000,
  );

  it('with nothing left to do between the commit and the mirror is mirrored by the next owner', async () => {
    startWorker('before');
    await eventually(expectEffectsOfTheLog, CATCH_UP);
    children.at(-1)?.kill('SIGKILL');
    const [stream = ''] = newStreams();
    await say(stream, 'last');
    await diesAt({ point: 'committed', time: 1 });
    await expectEffectsOfTheLog();
    expect(await isAhead()).toBe(true);
    startWorker('heir');
    await eventually(expectMirrorsAtTheEnd, CATCH_UP);
  }, 30_000);
});
