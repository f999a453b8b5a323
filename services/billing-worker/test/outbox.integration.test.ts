import { setTimeout as sleep } from 'node:timers/promises';
import type { DurableCommand } from '@headrace/event-store';
import { StoreUnavailableError } from '@headrace/event-store';
import { eventually, type TcpProxy, tcpProxy, usePostgres, useRedis } from '@headrace/test-kit';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { enqueueCommands } from '../src/database/outbox.ts';
import { cancelOverdue } from '../src/domain/commands.ts';
import { sendCommands } from '../src/outbox/send-commands.ts';
import { type Books, openBooks, openStore, queuedCommands } from './books.ts';

const redis = useRedis();
const postgres = usePostgres({ isolation: 'database' });
let proxy: TcpProxy;
let books: Books;

beforeAll(async () => {
  proxy = await tcpProxy({ target: redis.url });
  books = await openBooks({ redisUrl: proxy.url, prefix: redis.prefix, databaseUrl: postgres.url });
});
afterAll(async () => {
  await books.close();
  await proxy.close();
});
beforeEach(async () => {
  await sql`delete from outbox`.execute(books.database.db);
});

async function enqueue(...orderIds: readonly string[]): Promise<void> {
  const commands = orderIds.map((orderId) =>
    cancelOverdue({
      stream: `order:${orderId}`,
      dueAt: '2026-01-15T15:00:00.000Z',
      issuedBy: { eventId: '3-1-0', position: '3-1-0' },
    }),
  );
  await books.database.db.transaction().execute((tx) => enqueueCommands(tx, commands));
}

const rows = () => books.database.db.selectFrom('outbox').selectAll().orderBy('id').execute();
const sent = (command: DurableCommand) => ({ commandId: `id of ${command.key}`, repeated: false });
const ids = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix}-${i}`);

describe('sending what waits in the outbox', () => {
  it('leaves each command to one of two instances', async () => {
    await enqueue(...ids(20, 'a'), ...ids(20, 'b'));
    const keys: string[] = [];
    const instance = () =>
      sendCommands({
        db: books.database.db,
        send: async (command) => {
          keys.push(command.key ?? '');
          // Long enough for the other instance to look at the outbox too.
          await sleep(50);
          return sent(command);
        },
        onRefused: () => undefined,
      });
    await Promise.all([instance(), instance()]);
    expect(new Set(keys).size).toBe(40);
    expect(keys).toHaveLength(40);
    expect((await rows()).every((row) => row.command_id === `id of ${row.key}` && row.sent_at)).toBe(true);
  });

  it('marks what arrived and keeps what did not, when Redis goes away meanwhile', async () => {
    await enqueue('one', 'two');
    const sending = sendCommands({
      db: books.database.db,
      send: async (command) => {
        if (command.stream === 'order:two') throw new StoreUnavailableError('gone');
        return sent(command);
      },
      onRefused: () => undefined,
    });
    await expect(sending).rejects.toThrow(StoreUnavailableError);
    expect((await rows()).map(({ key, sent_at, attempts }) => [key, sent_at !== null, attempts])).toEqual([
      ['payment-deadline:one', true, 1],
      ['payment-deadline:two', false, 0],
    ]);
  });

  it('does not let a refused command hold up the others, and tries it again later', async () => {
    await enqueue('bad', 'good');
    const refused: string[] = [];
    const send = () =>
      sendCommands({
        db: books.database.db,
        send: async (command) => {
          if (command.stream === 'order:bad') throw new Error('no such command');
          return sent(command);
        },
        onRefused: (key) => refused.push(key),
      });
    await send();
    await send();
    expect(refused).toEqual(['payment-deadline:bad']);
    const [bad, good] = await rows();
    expect(bad).toMatchObject({ sent_at: null, attempts: 1, last_error: 'Error: no such command' });
    expect(bad?.next_attempt_at?.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(good?.sent_at).not.toBeNull();
  });
});

describe('while Redis is away', () => {
  it('the books can be read, and commands are sent once it is back', async () => {
    books.worker.start();
    await proxy.down();
    await enqueue('late');
    expect(await books.get('/ledger/trial-balance')).toMatchObject({ status: 200, json: { balanced: true } });
    expect((await books.get('/invoices/late')).status).toBe(404);
    expect((await books.get('/health/ready')).status).toBe(503);
    // Redis is really away, and the command waits.
    await expect(books.store.check()).rejects.toThrow();
    expect((await rows()).map(({ sent_at }) => sent_at)).toEqual([null]);

    await proxy.up();
    await eventually(async () => expect((await rows()).every(({ sent_at }) => sent_at)).toBe(true), {
      timeoutMs: 20_000,
    });
    const direct = openStore({ redisUrl: redis.url, prefix: redis.prefix });
    const commands = (await queuedCommands(direct)).filter(({ stream }) => stream === 'order:late');
    await direct.close();
    expect(commands).toMatchObject([{ type: 'CancelOrder', data: { onlyIfUnpaid: true } }]);
    expect((await rows()).map(({ command_id }) => command_id)).toEqual(commands.map(({ id }) => id));
  });
});
