import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type Consumer,
  createSharedTransactions,
  createTransactionalConsumer,
  type TransactionalConsumerOptions,
  type TransactionalHandler,
} from '@headrace/consumer';
import { type EventStore, openEventStore } from '@headrace/event-store';
import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { CompiledQuery, sql, type Transaction } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, createPostgresSink, type Database } from '../src/index.ts';
import { type EffectTables, effectMigrations, recordEffects } from './support/effects.ts';
import { registry } from './support/order-delivered.ts';

const partitions = 4;
const redis = useRedis();
const postgres = usePostgres({ isolation: 'database' });
let store: EventStore;
let database: Database<EffectTables>;
let schema: string;
let prefix: string;
const children: ChildProcess[] = [];
const consumers: Consumer[] = [];

beforeEach(async () => {
  const name = randomUUID().replaceAll('-', '').slice(0, 8);
  [schema, prefix] = [`effects_${name}`, `${redis.prefix}-${name}`];
  store = await openEventStore({
    redisUrl: redis.url,
    prefix,
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
  await Promise.all(consumers.splice(0).map((consumer) => consumer.stop()));
  await database.close();
  await store.close();
});

function startProcess(instance: string): ChildProcess {
  const options = { redisUrl: redis.url, prefix, partitions, databaseUrl: postgres.url, schema, instance };
  const file = fileURLToPath(new URL('./fixtures/worker.ts', import.meta.url));
  const args = ['--conditions=@headrace/source', file, JSON.stringify(options)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  children.push(child);
  return child;
}

const mixing: TransactionalHandler<Transaction<EffectTables>> = {
  mixesPartitions: true,
  handle: (events, tx) => recordEffects('here', events, tx),
};

function isPoison(data: unknown): boolean {
  return (data as { signature?: unknown }).signature === 'poison';
}

async function transactionId(tx: Transaction<EffectTables>): Promise<string> {
  const { rows } = await sql<{ id: string }>`select pg_current_xact_id()::text as id`.execute(tx);
  return rows[0]?.id ?? '';
}

/** Says something in all streams, again and again, until it shows that they share; everything said, in order. */
async function sayUntil(streams: readonly string[], itShows: () => Promise<void>): Promise<string[]> {
  const steps: string[] = [];
  await eventually(async () => {
    const step = `${steps.length}`;
    steps.push(step);
    await Promise.all(streams.map((stream) => say(stream, step)));
    await itShows();
  });
  return steps;
}

async function hasLockWaiter(): Promise<void> {
  const { rows } = await sql`select 1 from pg_locks where locktype = 'advisory' and not granted`.execute(
    database.db,
  );
  expect(rows).not.toHaveLength(0);
}

function startHere(): Consumer {
  const consumer = consumerHere('here');
  consumer.start();
  return consumer;
}

function consumerHere(
  instance: string,
  handler: TransactionalHandler<Transaction<EffectTables>> = {
    handle: (events, tx) => recordEffects(instance, events, tx),
  },
  sink = createPostgresSink(database),
  others: Partial<TransactionalConsumerOptions<Transaction<EffectTables>>> = {},
): Consumer {
  const consumer = createTransactionalConsumer({
    onError: () => undefined,
    store,
    group: 'effects',
    instance,
    leaseMs: 1_000,
    policy: { retryBaseMs: 5 },
    sink,
    handler: { types: ['OrderDelivered'], ...handler },
    ...others,
  });
  consumers.push(consumer);
  return consumer;
}

/** Restarts the process whenever it dies. */
function keepAlive(): { deaths(): number; end(): void } {
  let deaths = 0;
  const next = (): void => {
    const child = startProcess(`life-${deaths}`);
    child.on('exit', () => {
      if (ended) return;
      deaths += 1;
      if (deaths < 12) next();
    });
  };
  let ended = false;
  next();
  return {
    deaths: () => deaths,
    end: () => {
      ended = true;
    },
  };
}

/** A new order in a partition of one's choice. */
function orderOn(partition: number): string {
  for (;;) {
    const stream = `order:${randomUUID()}`;
    if (store.keys.partitionOf(stream) === partition) return stream;
  }
}

function consumerOfBatches(instance: string): { batches: number[]; consumer: Consumer } {
  const batches: number[] = [];
  const consumer = createTransactionalConsumer({
    onError: () => undefined,
    store,
    group: 'effects',
    instance,
    leaseMs: 1_000,
    policy: { batchSize: 20 },
    sink: createPostgresSink(database),
    handler: {
      handle: async (events) => {
        batches.push(events.length);
      },
    },
  });
  consumers.push(consumer);
  return { batches, consumer };
}

async function say(stream: string, ...texts: readonly string[]): Promise<readonly string[]> {
  const data = (signature: string): object => ({
    orderId: stream.slice('order:'.length),
    userId: 'ann',
    signature,
  });
  const { positions } = await store.append(
    stream,
    texts.map((text) => ({ type: 'OrderDelivered', data: data(text) })),
  );
  return positions;
}

const newStreams = (count: number): string[] => Array.from({ length: count }, () => `order:${randomUUID()}`);
const steps = Array.from({ length: 15 }, (_, i) => `${i}`);

async function sayAll(streams: readonly string[]): Promise<void> {
  for (const step of steps) await Promise.all(streams.map((stream) => say(stream, step)));
}

async function effects(): Promise<readonly { instance: string; stream: string; text: string }[]> {
  return await database.db
    .selectFrom('effects')
    .select(['instance', 'stream', 'text'])
    .orderBy('place')
    .execute();
}

/** Exactly once, in order. */
async function expectAll(streams: readonly string[], expected: readonly string[] = steps): Promise<void> {
  const all = await effects();
  for (const stream of streams) {
    expect(all.filter((effect) => effect.stream === stream).map(({ text }) => text)).toEqual(expected);
  }
}

describe('a transactional consumer', () => {
  it('has every effect once and in order though a process is killed under load', async () => {
    const streams = newStreams(12);
    const victim = startProcess('victim');
    startProcess('heir');
    await eventually(
      async () => {
        await say(`order:${randomUUID()}`, 'warm-up');
        expect(new Set((await effects()).map(({ instance }) => instance))).toEqual(
          new Set(['victim', 'heir']),
        );
      },
      { timeoutMs: 20_000 },
    );
    const saying = sayAll(streams);
    const before = (await effects()).length;
    await eventually(async () => expect((await effects()).length).toBeGreaterThan(before + 20), {
      intervalMs: 2,
    });
    victim.kill('SIGKILL');
    await saying;
    await sayAll([...newStreams(1)]);
    await eventually(() => expectAll(streams), { timeoutMs: 20_000 });
  });

  it('passes what it does nothing about with few steps, and stores how far it came', async () => {
    const stream = orderOn(0);
    const noted = { type: 'Noted', data: {} };
    const sink = createPostgresSink(database);
    let steps = 0;
    const consumer = createTransactionalConsumer({
      onError: () => undefined,
      store,
      group: 'effects',
      instance: 'here',
      sink: {
        ...sink,
        transact: (step, work) => {
          steps += 1;
          return sink.transact(step, work);
        },
      },
      handler: { types: ['OrderDelivered'], handle: (events, tx) => recordEffects('here', events, tx) },
    });
    consumers.push(consumer);
    consumer.start();
    await say(stream, 'first');
    await eventually(async () => expect(await effects()).toHaveLength(1));
    steps = 0;
    // one by one, each awaited: a page is one event, or a few
    for (let i = 0; i < 200; i += 1) await store.append(stream, [noted]);
    const end = await store.streamVersion(stream);
    await eventually(async () => {
      const found = await sink.current({ group: 'effects', partition: 0 });
      expect(found?.checkpoint).toMatchObject({ stream, version: end, handledEntries: end });
    });
    expect(steps).toBeLessThan(100);
    await say(stream, 'last');
    await eventually(async () =>
      expect((await effects()).map(({ text }) => text)).toEqual(['first', 'last']),
    );
  });

  it('fences a process that was stopped in the middle and continued after its heir had taken over', async () => {
    const streams = newStreams(8);
    const zombie = startProcess('zombie');
    await say('order:warm-up', 'x');
    await eventually(async () => expect(await effects()).not.toHaveLength(0));
    const saying = sayAll(streams);
    zombie.kill('SIGSTOP');
    await saying;
    startProcess('heir');
    // a stopped process may hold its checkpoint's row locked: nothing is lost, the heir waits until it ends
    await eventually(
      async () => expect((await effects()).some(({ instance }) => instance === 'heir')).toBe(true),
      {
        timeoutMs: 20_000,
      },
    );
    zombie.kill('SIGCONT');
    await eventually(() => expectAll(streams), { timeoutMs: 20_000 });
    const after = newStreams(2);
    await sayAll(after);
    await eventually(() => expectAll(after));
  });

  it('parks the poison of a batch alone, and everything else of it is applied once', async () => {
    const [bad = '', ...good] = newStreams(6);
    await say(bad, 'a', 'poison', 'b');
    for (const stream of good) await say(stream, 'a', 'b');
    const consumer = startHere();
    await eventually(() => expectAll(good, ['a', 'b']));
    await eventually(async () => {
      expect((await consumer.admin.deadLetters({ limit: 10 })).letters).toMatchObject([
        {
          stream: bad,
          cause: 'poison',
          attempts: 3,
          error: 'Error: cannot digest this',
          event: { version: 2 },
        },
        { stream: bad, cause: 'blocked', event: { version: 3 } },
      ]);
    });
    await expectAll([bad], ['a']);
    await say(bad, 'c');
    const { letters, isEnd } = await consumer.admin.deadLetters({ limit: 1 });
    const [poison] = letters;
    expect(isEnd).toBe(false);
    await eventually(async () =>
      expect(await consumer.admin.deadLetters({ limit: 2, ...(poison && { after: poison }) })).toMatchObject({
        letters: [{ event: { version: 3 } }, { event: { version: 4 } }],
        isEnd: true,
      }),
    );
    expect(await consumer.admin.requestDiscard(bad, poison?.eventId ?? '', 'known bug')).toBe(true);
    await eventually(async () =>
      expect((await consumer.admin.deadLetters({ limit: 10 })).letters).toHaveLength(2),
    );
    expect(await consumer.admin.requestRetry(bad)).toBe(true);
    await eventually(() => expectAll([bad], ['a', 'b', 'c']));
    await say(bad, 'd');
    await eventually(() => expectAll([bad], ['a', 'b', 'c', 'd']));
  });

  it('lets partitions share a transaction where its handler can, and parks the poison of one alone', async () => {
    const streams = [0, 1, 2, 3].map(orderOn);
    const [bad = '', ...good] = streams;
    const consumer = consumerHere('here', {
      mixesPartitions: true,
      // the transaction stands in place of the instance
      handle: async (events, tx) => recordEffects(await transactionId(tx), events, tx),
    });
    consumer.start();
    const steps = await sayUntil(streams, async () => {
      const { rows } = await sql<{ streams: number }>`
        select count(distinct stream)::int as streams from effects group by instance`.execute(database.db);
      expect(Math.max(...rows.map((row) => row.streams))).toBeGreaterThan(1);
    });
    await Promise.all([say(bad, 'poison', 'behind'), ...good.map((stream) => say(stream, 'after'))]);
    await eventually(() => expectAll(good, [...steps, 'after']));
    await eventually(async () => {
      expect((await consumer.admin.deadLetters({ limit: 10 })).letters).toMatchObject([
        { stream: bad, cause: 'poison', attempts: 3 },
        { stream: bad, cause: 'blocked' },
      ]);
    });
    await expectAll([bad], steps);
  });

  it('lets groups share a transaction, and parks the poison of one of them alone', async () => {
    const streams = [0, 1, 2, 3].map(orderOn);
    const [bad = '', ...good] = streams;
    const sink = createPostgresSink(database);
    const transactions = createSharedTransactions(sink, 500);
    const groups = ['alpha', 'beta'].map((group) => {
      const handler: TransactionalHandler<Transaction<EffectTables>> = {
        mixesPartitions: true,
        handle: async (events, tx) => {
          const mine = events.filter(({ data }) => group === 'alpha' || !isPoison(data));
          await recordEffects(`${group} ${await transactionId(tx)}`, mine, tx);
        },
      };
      return consumerHere('here', handler, sink, { group, transactions });
    });
    for (const consumer of groups) consumer.start();
    const steps = await sayUntil(streams, async () => {
      const { rows } = await sql<{ groups: number }>`
        select count(distinct split_part(instance, ' ', 1))::int as groups from effects
        group by split_part(instance, ' ', 2)`.execute(database.db);
      expect(Math.max(...rows.map((row) => row.groups))).toBe(2);
    });
    await Promise.all([say(bad, 'poison', 'behind'), ...good.map((stream) => say(stream, 'after'))]);
    const effectsOf = async (group: string, stream: string): Promise<readonly string[]> => {
      const { rows } = await sql<{ text: string }>`
        select text from effects where instance like ${`${group} %`} and stream = ${stream} order by place`.execute(
        database.db,
      );
      return rows.map(({ text }) => text);
    };
    await eventually(async () => {
      for (const group of ['alpha', 'beta'])
        for (const stream of good) expect(await effectsOf(group, stream)).toEqual([...steps, 'after']);
      expect(await effectsOf('beta', bad)).toEqual([...steps, 'behind']);
    });
    await eventually(async () => {
      expect((await groups[0]?.admin.deadLetters({ limit: 10 }))?.letters).toMatchObject([
        { stream: bad, cause: 'poison', attempts: 3 },
        { stream: bad, cause: 'blocked' },
      ]);
    });
    expect(await effectsOf('alpha', bad)).toEqual(steps);
    expect((await groups[1]?.admin.deadLetters({ limit: 10 }))?.letters).toEqual([]);
  });

  it('goes on under its lease when the answer to a shared commit is lost, and repeats nothing', async () => {
    const sink = createPostgresSink(database);
    let lost = 0;
    const losing: typeof sink = {
      ...sink,
      moveAll: async (moves, works) => {
        await sink.moveAll(moves, works);
        if (works === undefined || works.length === 0 || lost === 3) return;
        lost += 1;
        throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      },
    };
    const streams = [0, 1, 2, 3].map(orderOn);
    // so long that no slow machine loses it
    const consumer = consumerHere('here', mixing, losing, { leaseMs: 10_000 });
    consumer.start();
    const epochs = async () =>
      (await consumer.admin.status()).partitions.map(({ partition, epoch }) => [partition, epoch]);
    await eventually(async () => expect(await epochs()).toHaveLength(partitions));
    const before = await epochs();
    await sayAll(streams);
    await eventually(() => expectAll(streams));
    expect(lost).toBeGreaterThan(0);
    expect(await epochs()).toEqual(before);
  });

  it('does not keep other partitions waiting for one that waits for a lock', async () => {
    const [stuck = '', ...others] = [0, 1, 2, 3].map(orderOn);
    const consumer = consumerHere('here', {
      mixesPartitions: true,
      handle: async (events, tx) => {
        if (events.some(({ stream }) => stream === stuck))
          await sql`select pg_advisory_xact_lock(hashtext(${stuck}))`.execute(tx);
        await recordEffects('here', events, tx);
      },
    });
    consumer.start();
    await Promise.all([stuck, ...others].map((stream) => say(stream, 'first')));
    await eventually(() => expectAll([stuck, ...others], ['first']));
    const held = Promise.withResolvers<void>();
    const free = Promise.withResolvers<void>();
    const holding = database.db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(hashtext(${stuck}))`.execute(tx);
      held.resolve();
      await free.promise;
    });
    await held.promise;
    try {
      await say(stuck, 'waits');
      await eventually(() => hasLockWaiter());
      for (const stream of others) await say(stream, 'goes on');
      await eventually(() => expectAll(others, ['first', 'goes on']));
      await expectAll([stuck], ['first']);
    } finally {
      free.resolve();
      await holding;
    }
    await eventually(() => expectAll([stuck], ['first', 'waits']), { timeoutMs: 20_000 });
  });

  it('handles singly what a dead owner may have had in hand, once, though its successors end meanwhile', async () => {
    const streams = Array.from({ length: 50 }, () => orderOn(1));
    for (const stream of streams) await say(stream, 'x');
    const batchSize = 30;
    const sink = createPostgresSink(database);
    await sink.takeOver({ group: 'effects', partition: 1, epoch: 1, instance: 'dead', batchSize });
    const singly = new Set<string>();
    const noting: typeof sink = {
      ...sink,
      begin: async (owner, entryId) => {
        singly.add(entryId);
        await sink.begin(owner, entryId);
      },
    };
    const slow: TransactionalHandler<Transaction<EffectTables>> = {
      handle: async (events, tx) => {
        await sleep(10);
        await recordEffects('here', events, tx);
      },
    };
    const others = { policy: { retryBaseMs: 5, batchSize }, leaseMs: 10_000 };
    for (const enough of [5, 10, 15]) {
      const consumer = consumerHere(`until-${enough}`, slow, noting, others);
      consumer.start();
      await eventually(() => expect(singly.size).toBeGreaterThanOrEqual(enough));
      await consumer.stop();
    }
    consumerHere('last', slow, noting, others).start();
    await eventually(() => expectAll(streams, ['x']));
    expect(singly.size).toBe(batchSize);
  });

  it('parks an event that kills the process after three deaths, none of its neighbours, also on retry', async () => {
    const deadly = orderOn(1);
    const [before, after] = [Array.from({ length: 5 }, () => orderOn(1)), orderOn(1)];
    for (const stream of before) await say(stream, '0', '1');
    // ten batches that nothing is done about: an owner passes them in no time, and its heir must not be careful there
    await store.append(
      orderOn(1),
      Array.from({ length: 200 }, () => ({ type: 'Noted', data: {} })),
    );
    await say(deadly, 'deadly');
    for (const stream of [...before, after]) await say(stream, '2');
    const lives = keepAlive();
    const observer = consumerHere('observer');
    const died = {
      stream: deadly,
      cause: 'poison',
      error: 'PoisonError: the process died 3 times while handling this',
    };
    const all = async (): Promise<void> => {
      await expectAll(before, ['0', '1', '2']);
      await expectAll([after], ['2']);
    };
    await eventually(
      async () => {
        expect((await observer.admin.deadLetters({ limit: 10 })).letters).toMatchObject([
          { ...died, attempts: 3 },
        ]);
        await all();
      },
      { timeoutMs: 40_000 },
    );
    // the first death tells nothing about which of a batch was to blame; then three singly
    expect(lives.deaths()).toBe(4);

    const [{ parkedAt } = { parkedAt: '' }] = (await observer.admin.deadLetters({ limit: 1 })).letters;
    await observer.admin.requestRetry(deadly);
    await eventually(
      async () => {
        expect((await observer.admin.deadLetters({ limit: 10 })).letters).toMatchObject([
          { ...died, parkedAt, attempts: 4 },
        ]);
        expect(lives.deaths()).toBe(7);
      },
      { timeoutMs: 40_000 },
    );
    await all();

    await database.db
      .insertInto('effects')
      .values({ instance: 'operator', stream: 'mended', version: 1, text: '' })
      .execute();
    await observer.admin.requestRetry(deadly);
    await eventually(() => expectAll([deadly], ['deadly']), { timeoutMs: 20_000 });
    expect(lives.deaths()).toBe(7);
    lives.end();
    await all();
  }, 120_000);

  it('handles a backlog in batches again once what a killed owner may have had in hand is done', async () => {
    const stream = orderOn(2);
    const { batches, consumer } = consumerOfBatches('first');
    await say(stream, '0');
    consumer.start();
    await eventually(() => expect(batches).toEqual([1]));
    // as if it were killed: nothing is said to the database any more
    await database.db.executeQuery(CompiledQuery.raw('update consumer_checkpoints set epoch = epoch + 10'));
    await consumer.stop();
    for (let i = 0; i < 45; i += 1) await say(stream, `${i}`);
    const heir = consumerOfBatches('heir');
    heir.consumer.start();
    await eventually(() => expect(heir.batches.reduce((sum, one) => sum + one, 0)).toBe(45));
    expect(heir.batches).toEqual([...Array.from({ length: 20 }, () => 1), 20, 5]);
  });

  it('shows its true position and lag, in Redis too', async () => {
    const [stream = ''] = newStreams(1);
    const [, last = ''] = await say(stream, 'a', 'b');
    const consumer = startHere();
    const partition = store.keys.partitionOf(stream);
    await eventually(async () => {
      const { partitions: all } = await consumer.admin.status();
      expect(all[partition]).toMatchObject({ position: last, lagEvents: 0, lagSeconds: 0, state: 'idle' });
    });
    await eventually(async () => {
      const groups = (await store.redis.xinfo('GROUPS', store.keys.log(partition))) as unknown[][];
      expect(groups[0]).toEqual(expect.arrayContaining(['effects', last.slice(last.indexOf('-') + 1)]));
    });
  });

  it('stops as diverged when the log has lost what it handled, and goes on when it is back', async () => {
    const [stream = ''] = newStreams(1);
    const partition = store.keys.partitionOf(stream);
    const [position = ''] = await say(stream, 'a');
    const first = startHere();
    await eventually(() => expectAll([stream], ['a']));
    await first.stop();
    consumers.splice(0);
    const key = store.keys.log(partition);
    const entryId = position.slice(position.indexOf('-') + 1);
    const [entry] = await store.redis.xrange(key, entryId, entryId);
    await store.redis.del(key);
    const second = startHere();
    await eventually(async () => {
      const { partitions: all } = await second.admin.status();
      expect(all[partition]).toMatchObject({
        state: 'diverged',
        reason: expect.stringContaining('tail was lost'),
      });
    });
    await store.redis.xadd(key, entryId, ...(entry?.[1] ?? []));
    await say(stream, 'b');
    await eventually(() => expectAll([stream], ['a', 'b']), { timeoutMs: 15_000 });
  });
});
