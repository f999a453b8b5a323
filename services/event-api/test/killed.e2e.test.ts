import type { EventEnvelope } from '@headrace/event-schema';
import { type CommandStatus, type EventStore, openEventStore } from '@headrace/event-store';
import { shopRegistry } from '@headrace/shop';
import { eventually, startOwnRedis } from '@headrace/test-kit';
import { expect, it, onTestFinished } from 'vitest';
import { exitOf, ready, spawnEventApi } from './event-api-process.ts';

const ACCOUNTS = 25;
const COMMANDS = 1_000;
/** Commands that must have ended before the service is killed once more. */
const KILLED_AFTER = [150, 400, 650];
/** Requests at once. */
const CLIENTS = 16;
/** Of the commands that wait when the service is killed. */
const SOME = 5;

const accountOf = (i: number) => `ACC-${i % ACCOUNTS}`;

/** Every account is opened, then moved; every fourth movement asks for more than there is. */
function commandOf(i: number): object {
  const accountId = accountOf(i);
  if (i < ACCOUNTS) return { commandType: 'OpenAccount', commandData: { accountId, owner: 'Ada' } };
  const round = Math.floor(i / ACCOUNTS);
  if (round % 4 === 0) return { commandType: 'Withdraw', commandData: { accountId, amount: 1_000_000 } };
  return { commandType: round % 4 === 3 ? 'Withdraw' : 'Deposit', commandData: { accountId, amount: 10 } };
}

/** A client that asks until it has an answer: under its key a command is one, however often it is sent. */
async function send(i: number, urlOfService: () => string): Promise<string> {
  return await eventually(
    async () => {
      const response = await fetch(`${urlOfService()}/api/commands`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          prefer: 'respond-async',
          'idempotency-key': `command-${i}`,
        },
        body: JSON.stringify(commandOf(i)),
      });
      if (response.status !== 202) return false;
      const { data } = (await response.json()) as { data: { command: { id: string } } };
      return data.command.id;
    },
    { timeoutMs: 60_000, intervalMs: 50, what: `command ${i} is taken` },
  );
}

async function sendAll(urlOfService: () => string): Promise<string[]> {
  const ids = new Array<string>(COMMANDS).fill('');
  // the accounts first, so that only what is meant to fails
  for (let i = 0; i < ACCOUNTS; i += 1) ids[i] = await send(i, urlOfService);
  let next = ACCOUNTS;
  const client = async (): Promise<void> => {
    for (let i = next; i < COMMANDS; i = next) {
      next += 1;
      ids[i] = await send(i, urlOfService);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return ids;
}

async function waitingIn({ keys, redis, partitions }: EventStore): Promise<number> {
  const queues = Array.from({ length: partitions }, (_, partition) =>
    keys.commandQueue(partition, 'account'),
  );
  const lengths = await Promise.all(queues.map((queue) => redis.xlen(queue)));
  return lengths.reduce((sum, length) => sum + length, 0);
}

async function eventsByCommand(store: EventStore): Promise<Map<string, EventEnvelope[]>> {
  const found = new Map<string, EventEnvelope[]>();
  for await (const event of store.readLog()) {
    const id = event.meta.commandId ?? '';
    found.set(id, [...(found.get(id) ?? []), event]);
  }
  return found;
}

it('ends every one of 1,000 queued commands, each executed once, though killed three times', async () => {
  const redis = await startOwnRedis();
  onTestFinished(() => redis.close());
  const env = { REDIS_URL: redis.url, LEASE_MS: '1000', LOG_LEVEL: 'info' };
  const store = await openEventStore({ redisUrl: redis.url, registry: shopRegistry });
  onTestFinished(() => store.close());

  let service = spawnEventApi(env);
  let url = await ready(service);
  const sending = sendAll(() => url);
  const unfinished: number[] = [];
  for (const ended of KILLED_AFTER) {
    // with a queue, so that the kill finds some under way
    const hasEnded = async (): Promise<boolean> => {
      const waiting = await waitingIn(store);
      return waiting >= SOME && (await store.totals()).commands - waiting >= ended;
    };
    await eventually(hasEnded, { timeoutMs: 60_000, intervalMs: 1, what: `${ended} commands have ended` });
    service.child.kill('SIGKILL');
    await exitOf(service);
    unfinished.push(await waitingIn(store));
    service = spawnEventApi(env);
    url = await ready(service);
  }
  const ids = await sending;
  const statuses = await eventually(
    async () => {
      const all = await Promise.all(ids.map((id) => store.commandStatus(id)));
      const ended = all.filter((one) => one?.status === 'completed' || one?.status === 'failed');
      return ended.length === COMMANDS ? (ended as CommandStatus[]) : false;
    },
    { timeoutMs: 90_000, intervalMs: 200, what: 'every command has ended' },
  );

  for (const count of unfinished) expect(count).toBeGreaterThan(0);
  expect(new Set(ids).size).toBe(COMMANDS);
  const events = await eventsByCommand(store);
  const completed = statuses.filter(({ status }) => status === 'completed');
  for (const { commandId, result } of completed) {
    const [event, ...others] = events.get(commandId) ?? [];
    expect([event?.id, others]).toEqual([(result as { eventId: string }).eventId, []]);
  }
  expect(events.size).toBe(completed.length);
  expect((await store.totals()).events).toBe(completed.length);

  const failed = statuses.filter(({ status }) => status === 'failed');
  const meantToFail = ids.filter((_, i) => i >= ACCOUNTS && Math.floor(i / ACCOUNTS) % 4 === 0);
  expect(failed.map(({ commandId }) => commandId).sort()).toEqual([...meantToFail].sort());
  for (const { result } of failed) expect(result).toMatchObject({ code: 'INSUFFICIENT_FUNDS' });
  expect(await waitingIn(store)).toBe(0);
});
