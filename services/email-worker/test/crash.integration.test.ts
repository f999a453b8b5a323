import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { EventStore } from '@headrace/event-store';
import { eventually, tcpProxy, usePostgres, useRedis } from '@headrace/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newOrder, paid, placed, shipped } from './order-events.ts';
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

describe('a worker that is killed between the acceptance of a mail and its record', () => {
  it('leads to a second mail with the same Message-ID, and nothing is lost', async () => {
    const postgres = await tcpProxy({ target: servers.postgres.url });
    afterwards(() => postgres.close());
    const env = { ...environment(servers, inbox.url), DATABASE_URL: postgres.url };
    const { child, exited } = runProcess(env);
    // the mail gets through, its record does not
    inbox.beforeAccepting = async () => postgres.stall();
    const order = newOrder();
    await store.append(order.stream, [placed(order), paid(order), shipped(order)]);
    await eventually(() => expect(inbox.mails).toHaveLength(1), { timeoutMs: 20_000 });
    child.kill('SIGKILL');
    expect(await exited).toBe('SIGKILL');

    inbox.beforeAccepting = async () => undefined;
    const next = await startWorker(environment(servers, inbox.url));
    await eventually(
      async () =>
        expect(await recordsOf(next, order.orderId)).toMatchObject([
          { type: 'OrderPlaced', status: 'sent', attempts: 2 },
          { type: 'PaymentReceived', status: 'sent', attempts: 1 },
          { type: 'OrderShipped', status: 'sent', attempts: 1 },
        ]),
      { timeoutMs: 20_000 },
    );
    const ids = inbox.mailsTo(order.email).map(({ headers }) => headers.get('message-id'));
    expect(ids).toHaveLength(4);
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(3);
  });
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
