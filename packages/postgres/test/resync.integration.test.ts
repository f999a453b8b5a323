import { randomUUID } from 'node:crypto';
import { type Consumer, createTransactionalConsumer } from '@headrace/consumer';
import { entryIdOf } from '@headrace/event-schema';
import { type EventStore, openEventStore } from '@headrace/event-store';
import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { sql, type Transaction } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, createPostgresSink, type Database } from '../src/index.ts';
import { type EffectTables, effectMigrations, recordEffects } from './support/effects.ts';
import { registry } from './support/order-delivered.ts';

const GROUP = 'effects';
const redis = useRedis();
const postgres = usePostgres({ isolation: 'database' });
const consumers: Consumer[] = [];
let store: EventStore;
let database: Database<EffectTables>;
let tests = 0;

beforeEach(async () => {
  tests += 1;
  store = await openEventStore({
    redisUrl: redis.url,
    prefix: `${redis.prefix}-${tests}`,
    partitions: 2,
    registry,
    durability: 'memory',
  });
  const schema = `resync_${tests}`;
  database = createDatabase<EffectTables>({ url: postgres.url, schema, migrations: effectMigrations });
  await database.migrate();
});
afterEach(async () => {
  await Promise.all(consumers.splice(0).map((consumer) => consumer.stop()));
  await database.close();
  await store.close();
});

async function reset(tx: Transaction<EffectTables>): Promise<void> {
  await sql`truncate effects`.execute(tx);
}

function start(instance: string, canReset: boolean, isRepeatable = true): Consumer {
  const consumer = createTransactionalConsumer({
    onError: () => undefined,
    store,
    group: GROUP,
    instance,
    leaseMs: 1_000,
    policy: { retryBaseMs: 5 },
    sink: createPostgresSink(database),
    handler: {
      types: ['OrderDelivered'],
      handle: (events, tx) => recordEffects(instance, events, tx),
      isRepeatable,
      ...(canReset ? { reset } : {}),
    },
  });
  consumers.push(consumer);
  consumer.start();
  return consumer;
}

function orderOn(partition: number): string {
  for (;;) {
    const stream = `order:${randomUUID()}`;
    if (store.keys.partitionOf(stream) === partition) return stream;
  }
}

async function say(stream: string, signature: string): Promise<string> {
  const data = { orderId: stream.slice('order:'.length), userId: 'ann', signature };
  const { positions } = await store.append(stream, [{ type: 'OrderDelivered', data }]);
  return positions.join();
}

async function texts(): Promise<readonly string[]> {
  const rows = await database.db.selectFrom('effects').select('text').execute();
  return rows.map(({ text }) => text).toSorted();
}

const shows = (...expected: readonly string[]): Promise<unknown> =>
  eventually(async () => expect(await texts()).toEqual(expected.toSorted()), { timeoutMs: 15_000 });

/** The log loses these events, as a fail-over to a replica that had not got them yet would. */
async function lose(...positions: readonly string[]): Promise<void> {
  for (const position of positions) {
    const event = await store.readEvent(position);
    if (event === null) throw new Error('it is lost already');
    await store.redis.xdel(store.keys.log(Number(position[0])), entryIdOf(position));
    await store.redis.rpop(store.keys.stream(event.stream));
  }
}

async function diverged(consumer: Consumer): Promise<readonly number[]> {
  const { partitions } = await consumer.admin.status();
  return partitions.filter(({ state }) => state === 'diverged').map(({ partition }) => partition);
}

async function requests(): Promise<readonly unknown[]> {
  const { rows } = await sql`
    select partition, kind, how, reason, actor, outcome, finished_at is not null as finished
    from consumer_requests order by partition, id`.execute(database.db);
  return rows;
}

describe('a running consumer', () => {
  it('notices that the log has lost its tail, though nothing new arrives', async () => {
    const consumer = start('a', false);
    const stream = orderOn(0);
    await say(stream, '1');
    const lost = await say(stream, '2');
    await shows('1', '2');
    await lose(lost);
    await eventually(async () => expect(await diverged(consumer)).toEqual([0]));
  });

  it('notices it also when others have taken the place of what was lost', async () => {
    const consumer = start('a', false);
    const stream = orderOn(0);
    await say(stream, '1');
    const lost = await say(stream, '2');
    await shows('1', '2');
    await lose(lost);
    await say(orderOn(0), '3');
    await eventually(async () => expect(await diverged(consumer)).toEqual([0]));
    expect(await texts()).toEqual(['1', '2']);
  });
});

describe('resync', () => {
  it('is refused where nothing has diverged, or the effects cannot be made anew', async () => {
    const consumer = start('a', false);
    const stream = orderOn(0);
    const lost = await say(stream, '1');
    await shows('1');
    const rebuild = { how: 'rebuild', reason: 'fail-over' } as const;
    expect(await consumer.admin.requestResync(rebuild)).toEqual({ status: 'not-diverged' });
    await lose(lost);
    expect(await consumer.admin.requestResync({ ...rebuild, partition: 1 })).toEqual({
      status: 'not-diverged',
    });
    expect(await consumer.admin.requestResync(rebuild)).toMatchObject({ status: 'not-possible' });
    expect(await requests()).toEqual([]);
  });

  it('by accepting goes on after the last event that both have, keeps the effects, and is on record', async () => {
    const consumer = start('a', false);
    const [stream, other] = [orderOn(0), orderOn(1)];
    const kept = await say(stream, '1');
    const lost = [await say(stream, '2'), await say(stream, '3')];
    await say(other, 'x');
    await shows('1', '2', '3', 'x');
    await lose(...lost.toReversed());
    await eventually(async () => expect(await diverged(consumer)).toEqual([0]));
    await say(stream, '2 again');
    const accept = { how: 'accept', reason: 'fail-over', actor: 'ops' } as const;
    expect(await consumer.admin.requestResync(accept)).toEqual({ status: 'requested', partitions: [0] });
    await shows('1', '2', '2 again', '3', 'x');
    expect(await requests()).toEqual([
      {
        partition: 0,
        kind: 'resync',
        how: 'accept',
        reason: 'fail-over',
        actor: 'ops',
        outcome: `went on after ${entryIdOf(kept)} in place of ${entryIdOf(lost[1] ?? '')}; the effects were kept`,
        finished: true,
      },
    ]);
    await say(other, 'y');
    await say(stream, '4');
    await shows('1', '2', '2 again', '3', '4', 'x', 'y');
  });

  it('by rebuilding makes all effects anew from the log, also those of sound and idle partitions', async () => {
    const consumer = start('a', true);
    const [stream, other] = [orderOn(0), orderOn(1)];
    await say(stream, '1');
    const lost = await say(stream, '2');
    await say(other, 'x');
    await say(other, 'poison');
    await shows('1', '2', 'x');
    await eventually(async () =>
      expect((await consumer.admin.deadLetters({ limit: 9 })).letters).toHaveLength(1),
    );
    await lose(lost);
    await eventually(async () => expect(await diverged(consumer)).toEqual([0]));
    const rebuild = { how: 'rebuild', reason: 'fail-over' } as const;
    expect(await consumer.admin.requestResync(rebuild)).toEqual({ status: 'requested', partitions: [0] });
    await shows('1', 'x');
    await eventually(async () => {
      expect(await requests()).toMatchObject([{ how: 'rebuild', finished: true }]);
      // parked anew, from the beginning of the log
      expect((await consumer.admin.deadLetters({ limit: 9 })).letters).toMatchObject([
        { cause: 'poison', stream: other },
      ]);
    });
    await say(stream, '3');
    await shows('1', '3', 'x');
    expect(await diverged(consumer)).toEqual([]);
  });

  it('that is not needed any more is closed, and never carried out later', async () => {
    const stream = orderOn(0);
    const first = start('a', false);
    const lost = await say(stream, '1');
    await shows('1');
    const entry = await store.redis.xrange(store.keys.log(0), entryIdOf(lost), entryIdOf(lost));
    await lose(lost);
    await first.stop();
    consumers.splice(0);
    const accept = { how: 'accept', reason: 'fail-over' } as const;
    expect(await first.admin.requestResync(accept)).toMatchObject({ status: 'requested' });
    // the log is restored
    await store.redis.del(store.keys.log(0));
    await store.redis.xadd(store.keys.log(0), entryIdOf(lost), ...(entry[0]?.[1] ?? []));
    await store.redis.rpush(store.keys.stream(stream), entryIdOf(lost));
    start('b', false);
    await eventually(async () => {
      expect(await requests()).toMatchObject([
        { finished: true, outcome: expect.stringContaining('nothing to do') },
      ]);
    });
    expect(await texts()).toEqual(['1']);
  });
});

describe('a database that has lost what was handled', () => {
  /** Effects and checkpoint are those of the first so many events of the stream, the only one of its partition. */
  async function forget(stream: string, left: number): Promise<void> {
    const entryIds = await store.redis.lrange(store.keys.stream(stream), 0, -1);
    await sql`delete from effects where version > ${left}`.execute(database.db);
    await sql`
      update consumer_checkpoints
      set entry_id = ${entryIds[left - 1] ?? null}, stream = ${left === 0 ? null : stream}, version = ${left},
          handled_entries = ${left}
      where partition = 0`.execute(database.db);
  }

  /** The mirror in Redis follows. */
  async function mirrored(position: string): Promise<void> {
    await eventually(async () => {
      const groups = (await store.redis.xinfo('GROUPS', store.keys.log(0))) as unknown[][];
      expect(groups.flat()).toContain(entryIdOf(position));
    });
  }

  it.each([
    [0, 'nothing', []],
    [2, 'some', ['1', '2']],
  ])(
    'stops a group whose effects cannot be made anew as they were, until that is accepted: %i left, %s',
    async (left, _, kept) => {
      const stream = orderOn(0);
      const first = start('a', false, false);
      const positions = [await say(stream, '1'), await say(stream, '2'), await say(stream, '3')];
      await mirrored(positions[2] ?? '');
      await shows('1', '2', '3');
      await first.stop();
      await forget(stream, left);
      const second = start('b', false, false);
      await eventually(async () => expect(await diverged(second)).toEqual([0]));
      expect(await texts()).toEqual(kept);
      const how = { reason: 'the backup is lost' };
      expect(await second.admin.requestResync({ ...how, how: 'rebuild' })).toMatchObject({
        status: 'not-possible',
      });
      expect(await second.admin.requestResync({ ...how, how: 'accept' })).toMatchObject({ partitions: [0] });
      await shows('1', '2', '3');
      const after = left === 0 ? 'nothing' : entryIdOf(positions[left - 1] ?? '');
      expect(await requests()).toMatchObject([
        { how: 'accept', finished: true, outcome: expect.stringContaining(`went on after ${after},`) },
      ]);
      await second.stop();
      start('c', false, false);
      await say(stream, '4');
      await shows('1', '2', '3', '4');
    },
  );

  it('does not stop one that makes the same of the same events', async () => {
    const stream = orderOn(0);
    const first = start('a', false);
    await mirrored(await say(stream, '1'));
    await first.stop();
    await forget(stream, 0);
    start('b', false);
    await shows('1');
  });
});
