import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import type { EventRegistry } from '@headrace/event-schema';
import { type EventStore, openEventStore } from '@headrace/event-store';
import { createService } from '@headrace/service-kit';
import { shopRegistry } from '@headrace/shop';
import { eventually, type TestPostgres, type TestRedis } from '@headrace/test-kit';
import { pino } from 'pino';
import { afterEach } from 'vitest';
import { emailWorker } from '../src/service.ts';

/** So many partitions that streams meet, so few that a worker has them all at once. */
export const PARTITIONS = 2;

export interface Servers {
  readonly redis: TestRedis;
  readonly postgres: TestPostgres;
}

/** Environment of a worker on the test's servers. */
export function environment({ redis, postgres }: Servers, smtpUrl: string): Record<string, string> {
  return {
    HOST: '127.0.0.1',
    PORT: '0',
    INSTANCE_ID: `email-${randomUUID().slice(0, 8)}`,
    LOG_LEVEL: 'debug',
    LOG_PARTITIONS: String(PARTITIONS),
    REDIS_URL: redis.url,
    KEY_PREFIX: redis.prefix,
    DATABASE_URL: postgres.url,
    DATABASE_SCHEMA: postgres.schema,
    SMTP_URL: smtpUrl,
    MAIL_FROM: 'Test Shop <orders@shop.example>',
  };
}

/** With another registry it lets in what the services do not. */
export function openStore({ redis }: Servers, registry: EventRegistry = shopRegistry): Promise<EventStore> {
  const { url: redisUrl, prefix } = redis;
  return openEventStore({ redisUrl, prefix, partitions: PARTITIONS, registry });
}

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Runs after the test, the last one given first. */
export function afterwards(cleanup: () => Promise<void>): void {
  cleanups.push(cleanup);
}

/** A started worker in this process, with its log as it would be without the service kit's masking. */
export async function startWorker(env: Record<string, string>) {
  let log = '';
  const lines = new Writable({
    write: (chunk, _encoding, done) => {
      log += String(chunk);
      done();
    },
  });
  const worker = await createService(emailWorker, emailWorker.config(env), pino({ level: 'debug' }, lines));
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= worker.app.close().then(worker.stop);
    return stopped;
  };
  afterwards(stop);
  await worker.start(new AbortController().signal);
  const get = async (path: string) => {
    const response = await worker.app.inject({ method: 'GET', url: path });
    return { status: response.statusCode, body: response.body, json: () => response.json() };
  };
  return {
    get,
    post: async (url: string) => (await worker.app.inject({ method: 'POST', url })).statusCode,
    stop,
    log: () => log,
  };
}

export type RunningWorker = Awaited<ReturnType<typeof startWorker>>;

interface RecordOfMail {
  readonly type: string;
  readonly status: string;
  readonly skipReason: string | null;
  readonly recipient: string | null;
  readonly messageId: string;
  readonly attempts: number;
}

/** The mail records of an order, oldest first. */
export async function recordsOf(worker: RunningWorker, orderId: string): Promise<RecordOfMail[]> {
  const page = await worker.get(`/emails?orderId=${orderId}`);
  return page.json().emails.toReversed();
}

/** Waits until everything in the log has been handled, parked or acknowledged. */
export async function caughtUp(worker: RunningWorker): Promise<void> {
  await eventually(
    async () => {
      const [group] = (await worker.get('/consumer')).json().groups;
      return (
        group.partitions.length === PARTITIONS &&
        group.partitions.every((partition: { lagEvents: number }) => partition.lagEvents === 0)
      );
    },
    { what: 'the worker to catch up', timeoutMs: 15_000 },
  );
}
