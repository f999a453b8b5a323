import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { EventStore } from '@headrace/event-store';
import { eventually, tcpProxy, usePostgres, useRedis } from '@headrace/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newOrder, paid, placed, shipped, type TestOrder } from './order-events.ts';
import { type SmtpInbox, startSmtpInbox } from './smtp-inbox.ts';
import { afterwards, environment, openStore, recordsOf, startWorker } from './worker-tools.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

const servers = { redis: useRedis(), postgres: usePostgres() };
let store: EventStore;
let inbox: SmtpInbox;
beforeAll(async () => {
  store = await openStore(servers);
  inbox = await startSmtpInbox();
});
afterAll(async () => {
  await inbox.close();
  await store.close();
});

/** A worker process, as `main.ts` runs it. */
function runProcess(env: Record<string, string>) {
  const child: ChildProcess = spawn(process.execPath, ['--conditions=@headrace/source', MAIN], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
  });
  const exited = once(child, 'exit').then(([code, signal]) => code ?? signal);
  afterwards(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return { child, exited, log: () => log };
}

const KILLS = 5;

/** Short, so that what a killed worker had in hand is soon another's. */
const env = (): Record<string, string> => ({ ...environment(servers, inbox.url), LEASE_MS: '1000' });

/** Runs a worker until the mail of `order` is accepted and nobody can record it any more, and kills it then. */
async function killAfterAcceptance(order: TestOrder): Promise<void> {
  const postgres = await tcpProxy({ target: servers.postgres.url });
  afterwards(() => postgres.close());
  const { child, exited } = runProcess({ ...env(), DATABASE_URL: postgres.url });
  // the mail gets through, its record does not
  inbox.beforeAccepting = async ({ to }) => {
    if (to.includes(order.email)) postgres.stall();
  };
  await store.append(order.stream, [placed(order), paid(order), shipped(order)]);
  await eventually(() => expect(inbox.mailsTo(order.email)).toHaveLength(1), { timeoutMs: 20_000 });
  child.kill('SIGKILL');
  expect(await exited).toBe('SIGKILL');
  inbox.beforeAccepting = async () => undefined;
}

describe('a worker that is killed between the acceptance of a mail and its record', () => {
  it('again and again leads to second mails with the same Message-ID, and nothing is lost', async () => {
    const orders = Array.from({ length: KILLS }, newOrder);
    for (const order of orders) await killAfterAcceptance(order);
    const next = await startWorker(env());
    for (const order of orders) {
      await eventually(
        async () =>
          expect(await recordsOf(next, order.orderId)).toMatchObject([
            { type: 'OrderPlaced', status: 'sent', attempts: expect.toSatisfy((times: number) => times > 1) },
            { type: 'PaymentReceived', status: 'sent' },
            { type: 'OrderShipped', status: 'sent' },
          ]),
        { timeoutMs: 20_000 },
      );
      const ids = inbox.mailsTo(order.email).map(({ headers }) => headers.get('message-id'));
      expect(ids[0]).toBe(ids[1]);
      // kills that were meant for later orders may have hit mails of this one as well
      const copies = [...Map.groupBy(ids, (id) => id).values()].map((same) => same.length);
      expect(copies).toHaveLength(3);
      expect(Math.max(...copies)).toBeLessThanOrEqual(1 + KILLS);
    }
    expect((await next.get('/dead-letters')).json().deadLetters).toEqual([]);
  }, 60_000);
});

describe('the worker as a process', () => {
  it('sends mail, logs no address, and exits with 0 on SIGTERM', async () => {
    const { child, exited, log } = runProcess(environment(servers, inbox.url));
    const order = newOrder();
    await store.append(order.stream, [placed(order)]);
    await eventually(() => expect(inbox.mailsTo(order.email)).toHaveLength(1), { timeoutMs: 20_000 });
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(log()).toContain('email-worker has stopped');
    expect(log()).not.toContain(order.email);
  });
});
