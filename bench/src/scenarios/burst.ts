import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EventStore, type NewEvent, openEventStore } from '@headrace/event-store';
import { orderStream, shopRegistry } from '@headrace/shop';
import type { Bench, Scenario } from '../harness/bench.ts';
import { closingAll, type OnEnd } from '../harness/closing.ts';
import { type GroupLags, groupLags } from '../harness/group-lag.ts';
import { keepInFlight } from '../harness/load.ts';
import type { ScenarioResult } from '../harness/results.ts';
import { dropSchema } from '../harness/schema.ts';
import { type ServerProcess, startService } from '../harness/service.ts';
import { spread } from '../harness/statistics.ts';

const EVENTS_AN_ORDER = 4;
const BURST_AT_S = 1;
const SAMPLE_EVERY_MS = 100;
const TIMEOUT_S = 120;
const SCHEMA = 'bench_burst';
/** The read models that orders change; the others only pass these events by. */
const CHARTED = ['projection:orders:v2', 'projection:audit_log:v1', 'projection:daily_summary:v1'];

/** How read models fall behind and catch up. */
export const burst: Scenario = {
  name: 'burst',
  title: 'lag over time under a burst',
  run: (bench) => closingAll((onEnd) => run(bench, onEnd)),
};

interface LagAt {
  readonly seconds: number;
  readonly lags: GroupLags;
}

async function run(bench: Bench, onEnd: OnEnd): Promise<ScenarioResult> {
  const events = bench.quick ? 4_000 : 20_000;
  onEnd(() => dropSchema(bench.postgres.url, SCHEMA));
  const store = await openEventStore({ redisUrl: bench.redis.url, registry: shopRegistry });
  onEnd(() => store.close());
  const service = await startService(bench, 'projection-service', { DATABASE_SCHEMA: SCHEMA });
  onEnd(() => service.stop());
  await warmUp(store, service);

  const startedAt = performance.now();
  const { appendedMs, seen } = await watchBurst(store, service, events, startedAt);
  const caughtUpS = (seen.at(-1)?.seconds ?? Number.NaN) - BURST_AT_S;
  bench.say(
    `${events} events appended in ${Math.round(appendedMs)} ms, caught up after ${caughtUpS.toFixed(1)} s`,
  );
  return {
    rows: [
      {
        title: `burst of ${events.toLocaleString('en')} events, until every read model has them`,
        unit: 's',
        measured: [{ name: 'Headrace', value: spread([caughtUpS]) }],
        verdicts: [],
        note:
          `One projection-service with all its read models; ${EVENTS_AN_ORDER} events an order, appended within ` +
          `${Math.round(appendedMs)} ms; the time counts from the first append.`,
      },
    ],
    charts: [
      {
        title: 'lag over time under a burst',
        x: { label: 's', scale: 'linear' },
        y: { label: 'events behind', scale: 'linear' },
        series: CHARTED.map((group) => ({
          name: group,
          points: seen.map(({ seconds, lags }) => ({ x: seconds, y: lags.get(group) ?? 0 })),
        })),
      },
    ],
  };
}

async function watchBurst(store: EventStore, service: ServerProcess, events: number, startedAt: number) {
  const seen: LagAt[] = [];
  const appending = sleep(BURST_AT_S * 1_000).then(() => appendOrders(store, events / EVENTS_AN_ORDER));
  let appendedMs: number | undefined;
  const appended = appending.then((ms) => {
    appendedMs = ms;
  });
  // told when it is awaited; until then it must not count as unhandled
  appended.catch(() => undefined);
  for (;;) {
    const wasAppended = appendedMs !== undefined;
    const lags = await groupLags(store);
    const seconds = (performance.now() - startedAt) / 1_000;
    seen.push({ seconds, lags });
    if (wasAppended && isCaughtUp(lags)) break;
    if (seconds > TIMEOUT_S) throw new Error(`the read models did not catch up within ${TIMEOUT_S} s`);
    await service.requireAlive();
    await sleep(SAMPLE_EVERY_MS);
  }
  await appended;
  return { appendedMs: appendedMs ?? Number.NaN, seen };
}

function isCaughtUp(lags: GroupLags): boolean {
  return CHARTED.every((group) => lags.get(group) === 0) && [...lags.values()].every((lag) => lag === 0);
}

async function warmUp(store: EventStore, service: ServerProcess): Promise<void> {
  await appendOrders(store, 500);
  while (!isCaughtUp(await groupLags(store))) {
    await service.requireAlive();
    await sleep(SAMPLE_EVERY_MS);
  }
}

async function appendOrders(store: EventStore, orders: number): Promise<number> {
  const { seconds } = await keepInFlight(256, orders, (i) => {
    const orderId = randomUUID();
    return store.append(orderStream(orderId), orderLife(orderId, `customer-${i % 1_000}`));
  });
  return seconds * 1_000;
}

function orderLife(orderId: string, userId: string): readonly NewEvent[] {
  const customer = { orderId, userId, email: `${userId}@example.com` };
  const order = { ...customer, amount: { minor: 883, currency: 'EUR' }, paymentTerms: 'prepaid' };
  const items = [{ id: 'WATER-1L', name: 'Mineral water', quantity: 6 }];
  return [
    { type: 'OrderPlaced', data: { ...order, items } },
    { type: 'PaymentReceived', data: { ...order, paymentMethod: 'credit_card' } },
    { type: 'OrderShipped', data: { ...order, trackingNumber: 'TRACK123' } },
    { type: 'OrderDelivered', data: customer },
  ];
}
