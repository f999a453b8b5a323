import { Agent } from 'node:http';
import { ask } from '../harness/ask.ts';
import type { Bench, Scenario } from '../harness/bench.ts';
import { closingAll, type OnEnd } from '../harness/closing.ts';
import { openLoop } from '../harness/open-loop.ts';
import type { Row, ScenarioResult, Verdict } from '../harness/results.ts';
import { dropSchema } from '../harness/schema.ts';
import { type ServerProcess, startService } from '../harness/service.ts';
import { p50and99, spread } from '../harness/statistics.ts';
import { ORDER_BODY } from './http.ts';

const ORDERS_PER_SECOND = 1_000;
/** Where no processor is full, to tell what the way takes from what waiting for a processor does. */
const FEW_ORDERS_PER_SECOND = 100;
const SAMPLES_PER_SECOND = 100;
const SCHEMA = 'bench_visible';

/** How long after the 201 an order can be read from the read model. */
export const visible: Scenario = {
  name: 'visible',
  title: 'from an acknowledged order to the read model',
  run: (bench) => closingAll((onEnd) => run(bench, onEnd)),
};

interface Load {
  /** Orders asked for in a second. */
  readonly rate: number;
  /** Orders acknowledged in a second. */
  readonly perSecond: number;
  readonly visibleMs: readonly number[];
  readonly acknowledgedMs: readonly number[];
}

async function run(bench: Bench, onEnd: OnEnd): Promise<ScenarioResult> {
  onEnd(() => dropSchema(bench.postgres.url, SCHEMA));
  const orders = await startService(bench, 'order-api');
  onEnd(() => orders.stop());
  const queries = await startService(bench, 'projection-service', { DATABASE_SCHEMA: SCHEMA });
  onEnd(() => queries.stop());
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  onEnd(async () => agent.destroy());

  const servers = { orders, queries, agent };
  const seconds = bench.quick ? 4 : 10;
  await placeOrders(servers, ORDERS_PER_SECOND, 3);
  const few = await placeOrders(servers, FEW_ORDERS_PER_SECOND, seconds);
  bench.say(told(few));
  const many = await placeOrders(servers, ORDERS_PER_SECOND, seconds);
  bench.say(told(many));
  const { p50, p99 } = p50and99(many.visibleMs);
  return {
    rows: [
      rowOf(few, []),
      rowOf(many, [
        { of: 'p50 ms', got: p50, wanted: { atMost: 15 } },
        { of: 'p99 ms', got: p99, wanted: { atMost: 100 } },
        { of: 'orders/s reached', got: many.perSecond, wanted: { atLeast: 0.97 * ORDERS_PER_SECOND } },
      ]),
    ],
  };
}

function rowOf(load: Load, verdicts: readonly Verdict[]): Row {
  const latencyMs = p50and99(load.visibleMs);
  return {
    title: `acknowledged → visible, ${load.rate.toLocaleString('en')} orders/s`,
    unit: 'ms',
    measured: [{ name: 'Headrace', value: spread([latencyMs.p50]), latencyMs }],
    verdicts,
    note:
      `Open loop through order-api; ${SAMPLES_PER_SECOND} orders a second are asked for with wait_for as soon as ` +
      `their 201 is there, and the time of that query counts. ${reached(load)}.`,
  };
}

function told(load: Load): string {
  const { p50, p99 } = p50and99(load.visibleMs);
  return `visible p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; ${reached(load)}`;
}

function reached({ perSecond, acknowledgedMs }: Load): string {
  const { p50, p99 } = p50and99(acknowledgedMs);
  return `${Math.round(perSecond)} orders/s reached, their 201 after p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
}

interface Servers {
  readonly orders: ServerProcess;
  readonly queries: ServerProcess;
  readonly agent: Agent;
}

async function placeOrders(
  { orders, queries, agent }: Servers,
  rate: number,
  seconds: number,
): Promise<Load> {
  const sampleEvery = Math.max(1, rate / SAMPLES_PER_SECOND);
  const reads: Promise<number>[] = [];
  const sample = await openLoop({
    perSecond: rate,
    seconds,
    operation: async (index) => {
      const { orderId, eventId } = await ask(agent, `${orders.url}/orders`, ORDER_BODY);
      if (index % sampleEvery !== 0) return;
      const read = untilVisible(agent, queries.url, String(orderId), String(eventId));
      // told when all are awaited; until then it must not count as unhandled
      read.catch(() => undefined);
      reads.push(read);
    },
  });
  return {
    rate,
    perSecond: sample.operations / sample.seconds,
    visibleMs: await Promise.all(reads),
    acknowledgedMs: sample.latenciesMs ?? [],
  };
}

async function untilVisible(agent: Agent, url: string, orderId: string, eventId: string): Promise<number> {
  const acknowledgedAt = performance.now();
  await ask(agent, `${url}/api/queries/orders?orderId=${orderId}&wait_for=${eventId}`);
  return performance.now() - acknowledgedAt;
}
