import { Agent } from 'node:http';
import { startAllServices, untilHandled } from '../harness/all-services.ts';
import { ask } from '../harness/ask.ts';
import type { Bench, Scenario } from '../harness/bench.ts';
import { closingAll, type OnEnd } from '../harness/closing.ts';
import { openLoop } from '../harness/open-loop.ts';
import { processorSeconds } from '../harness/processor-seconds.ts';
import type { ScenarioResult } from '../harness/results.ts';
import { spread } from '../harness/statistics.ts';
import { openBenchStore } from '../harness/store.ts';
import { ORDER_AMOUNT, ORDER_BODY } from './http.ts';

/** Few enough for two cores to keep up, so that the time is what the work takes. */
const ORDERS_PER_SECOND = 50;
const ROUNDS = 3;
const PATIENCE_MS = 120_000;

/** The processor time of everything, from the first request to the last effect. */
export const lifeCycle: Scenario = {
  name: 'life-cycle',
  title: 'processor time of 1,000 orders, placed, paid, shipped and delivered',
  run: (bench) => closingAll((onEnd) => run(bench, onEnd)),
};

async function run(bench: Bench, onEnd: OnEnd): Promise<ScenarioResult> {
  const { redis, postgres, quick, say } = bench;
  const store = await openBenchStore(bench);
  onEnd(() => store.close());
  const services = await startAllServices(bench, onEnd);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  onEnd(async () => agent.destroy());
  const url = services.get('order-api')?.url ?? '';
  const live = async (orders: number): Promise<void> => {
    await openLoop({
      perSecond: ORDERS_PER_SECOND,
      seconds: orders / ORDERS_PER_SECOND,
      operation: () => liveOnce(agent, url),
    });
    await untilHandled(store, services, PATIENCE_MS);
  };
  const pids = {
    services: [...services.values()].map(({ pid }) => pid),
    Redis: [redis.pid ?? 0],
    PostgreSQL: [postgres.pid ?? 0],
  };
  const orders = quick ? 100 : 1_000;
  await live(orders / 2);
  const rounds: Record<string, number>[] = [];
  for (let round = 0; round < (quick ? 1 : ROUNDS); round += 1) {
    const before = await secondsOf(pids);
    await live(orders);
    const after = await secondsOf(pids);
    const took = Object.entries(after).map(([name, seconds]) => [
      name,
      ((seconds - (before[name] ?? 0)) * 1_000) / orders,
    ]);
    rounds.push(Object.fromEntries(took));
    say(took.map(([name, seconds]) => `${name} ${Number(seconds).toFixed(2)} s`).join(', '));
  }
  const of = (name: string): number[] => rounds.map((round) => round[name] ?? Number.NaN);
  const names = Object.keys(pids);
  const total = rounds.map((round) => names.reduce((sum, name) => sum + (round[name] ?? Number.NaN), 0));
  return {
    rows: [
      {
        title: '1,000 orders, placed, paid, shipped and delivered, and all that follows',
        unit: 'processor s',
        measured: [
          { name: 'Headrace, all of it', value: spread(total) },
          ...names.map((name) => ({ name, value: spread(of(name)) })),
        ],
        verdicts: [],
        note:
          `${ORDERS_PER_SECOND} orders a second, each with four requests one after the other; counted until all groups ` +
          'have handled all, in the services, Redis and PostgreSQL, and not in the load and the mail server.',
      },
    ],
  };
}

async function liveOnce(agent: Agent, url: string): Promise<void> {
  const { orderId } = await ask(agent, `${url}/orders`, ORDER_BODY);
  const order = `${url}/orders/${String(orderId)}`;
  await ask(agent, `${order}/payment`, JSON.stringify({ paymentMethod: 'card', amount: ORDER_AMOUNT }));
  await ask(agent, `${order}/ship`, JSON.stringify({ carrier: 'FedEx', trackingNumber: 'TRACK123' }));
  await ask(agent, `${order}/deliver`, JSON.stringify({ signature: 'front desk' }));
}

async function secondsOf(
  pids: Readonly<Record<string, readonly number[]>>,
): Promise<Readonly<Record<string, number>>> {
  const times = Object.entries(pids).map(async ([name, ids]) => [name, await processorSeconds(ids)]);
  return Object.fromEntries(await Promise.all(times));
}
