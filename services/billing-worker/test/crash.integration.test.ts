import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { EventStore } from '@headrace/event-store';
import { orderStream } from '@headrace/shop';
import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createBillingDatabase } from '../src/database/billing-database.ts';
import { openStore, queuedCommands } from './books.ts';
import { orderEvents } from './order-events.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
/** Where the worker is held until it is killed; an advisory lock that this test has. */
const GATE = 4_711;

const redis = useRedis();
const postgres = usePostgres({ isolation: 'database' });
const children: ChildProcess[] = [];
let store: EventStore;
let gatekeeper: pg.Client;

beforeAll(async () => {
  store = openStore({ redisUrl: redis.url, prefix: redis.prefix });
  await store.open();
  const database = createBillingDatabase({ url: postgres.url });
  await database.migrate();
  await database.close();
  gatekeeper = new pg.Client({ connectionString: postgres.url });
  await gatekeeper.connect();
  await gatekeeper.query(`
    create function billing.wait_at_gate() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock(${GATE}); return new; end $$`);
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await gatekeeper.end();
  await store.close();
});

/** The real process, with nothing in its environment but its settings. */
function startWorker(): ChildProcess & { readonly output: () => string } {
  const env = {
    REDIS_URL: redis.url,
    DATABASE_URL: postgres.url,
    KEY_PREFIX: redis.prefix,
    LOG_PARTITIONS: '4',
    LEASE_MS: '1000',
    PORT: '0',
  };
  const args = ['--conditions=@headrace/source', MAIN];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return Object.assign(child, { output: () => output });
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function count(query: string): Promise<number> {
  return (await gatekeeper.query(`select count(*)::int as n from ${query}`)).rows[0].n;
}

const waitUntil = <T>(condition: () => Promise<T>) => eventually(condition, { timeoutMs: 30_000 });

const MOMENTS = [
  {
    what: 'before it has written what the cancelling means',
    gate: 'before insert',
    orderId: 'k-1',
    queued: 0,
  },
  { what: 'after sending the command, before noting it', gate: 'before update', orderId: 'k-2', queued: 1 },
] as const;

describe('a worker that is killed while a paid order is cancelled', () => {
  it.each(MOMENTS)('asks for one refund: $what', async ({ gate, orderId, queued }) => {
    const order = orderEvents(orderId);
    const commands = async () =>
      (await queuedCommands(store)).filter(({ stream }) => stream === orderStream(orderId));
    await gatekeeper.query('select pg_advisory_lock($1)', [GATE]);
    await gatekeeper.query(
      `create trigger gate ${gate} on billing.outbox for each row execute function billing.wait_at_gate()`,
    );
    await store.append(orderStream(orderId), [order.placed(), order.paid(), order.cancelled('paid', 9998)]);
    const first = startWorker();
    const atGate = `pg_locks where locktype = 'advisory' and objid = ${GATE} and not granted`;
    await waitUntil(async () => (await count(atGate)) > 0);
    expect(await commands()).toHaveLength(queued);
    await kill(first);
    await gatekeeper.query('select pg_advisory_unlock($1)', [GATE]);
    await gatekeeper.query('drop trigger gate on billing.outbox');

    startWorker();
    const outbox = `billing.outbox where stream = '${orderStream(orderId)}'`;
    await waitUntil(async () => (await count(`${outbox} and sent_at is not null`)) === 1);
    // Reading on after it shows that the command was the last word on that order.
    await store.append(orderStream(orderId), [order.refunded(9998)]);
    const refunded = `billing.invoices where order_id = '${orderId}' and status = 'refunded'`;
    await waitUntil(async () => (await count(refunded)) === 1);
    expect(await commands()).toMatchObject([{ type: 'RefundOrder', data: { orderId, amount: 'remaining' } }]);
    expect(await count(outbox)).toBe(1);
    expect(await count(`billing.postings where order_id = '${orderId}'`)).toBe(3);
  });
});

describe('a worker that is told to stop', () => {
  it('leaves in order', async () => {
    const worker = startWorker();
    const url = await waitUntil(async () => /http:\/\/[\d.:]+/.exec(worker.output())?.[0] ?? false);
    await waitUntil(async () => (await fetch(`${url}/health/ready`)).ok);
    const exit = once(worker, 'exit');
    worker.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });
});
