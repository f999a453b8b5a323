import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import type { Bench, Scenario } from '../harness/bench.ts';
import { closingAll, type OnEnd } from '../harness/closing.ts';
import { type Contender, compare, type Sample } from '../harness/compare.ts';
import type { ScenarioResult } from '../harness/results.ts';
import { type ServerProcess, startServer, startService } from '../harness/service.ts';

const CONNECTIONS = 64;
const BARE = 'Fastify route that does nothing';
const KEYED = 'Headrace, each with an Idempotency-Key';
const CONTENT_TYPE = { 'content-type': 'application/json' };
const BARE_ENTRY = fileURLToPath(new URL('../peers/bare-fastify.ts', import.meta.url));

/** What a customer sends; without an `orderId`, so that each request makes another order. */
export const ORDER_BODY = JSON.stringify({
  userId: 'customer-789',
  email: 'customer-789@example.com',
  items: [
    { id: 'WATER-1L', name: 'Mineral water', quantity: 6, price: 0.89 },
    { id: 'BREAD-RYE', name: 'Rye bread', quantity: 1, price: 3.49 },
  ],
  currency: 'EUR',
});

/** What that adds up to. */
export const ORDER_AMOUNT = 8.83;

/** What placing an order costs beside the HTTP framework that it goes through. */
export const http: Scenario = {
  name: 'http',
  title: 'POST /orders over HTTP',
  run: (bench) => closingAll((onEnd) => run(bench, onEnd)),
};

async function run(bench: Bench, onEnd: OnEnd): Promise<ScenarioResult> {
  const seconds = bench.quick ? 2 : 5;
  const orders = await startService(bench, 'order-api');
  onEnd(() => orders.stop());
  const bare = await startServer({ name: 'bare-fastify', entry: BARE_ENTRY, env: {} });
  onEnd(() => bare.stop());
  const { measured, atLeast } = await compare({
    contenders: [
      posting('Headrace', orders, seconds),
      posting(KEYED, orders, seconds, newKey),
      posting(BARE, bare, seconds),
    ],
    rounds: bench.quick ? 1 : 3,
    say: bench.say,
  });
  return {
    rows: [
      {
        title: `POST /orders, ${CONNECTIONS} connections`,
        unit: 'requests/s',
        measured,
        verdicts: [atLeast(0.4, BARE)],
        note:
          'order-api with its production settings; both servers are processes of their own, ' +
          'and get the same body from autocannon in the process of the benchmark.',
      },
    ],
  };
}

/** Headers of one request. */
type HeadersOf = () => Readonly<Record<string, string>>;

const newKey: HeadersOf = () => ({ 'idempotency-key': randomUUID() });

function posting(name: string, server: ServerProcess, seconds: number, headersOf?: HeadersOf): Contender {
  return {
    name,
    run: async () => {
      await server.requireAlive();
      return await post(`${server.url}/orders`, seconds, headersOf);
    },
  };
}

function post(url: string, seconds: number, headersOf?: HeadersOf): Promise<Sample> {
  return new Promise((resolve, reject) => {
    const latenciesMs: number[] = [];
    const statuses = new Map<number, number>();
    const startedAt = performance.now();
    let lastAt = startedAt;
    const options: autocannon.Options = {
      url,
      method: 'POST',
      headers: CONTENT_TYPE,
      body: ORDER_BODY,
      connections: CONNECTIONS,
      duration: seconds,
      ...(headersOf === undefined ? {} : { requests: [{ setupRequest: withHeaders(headersOf) }] }),
    };
    const instance = autocannon(options, (error: unknown, { errors }) => {
      const others = [...statuses].filter(([status]) => status !== 201);
      if (error || errors > 0 || others.length > 0)
        return reject(
          new Error(`${url}: ${errors} errors, answers ${JSON.stringify(others)}`, { cause: error }),
        );
      resolve({ operations: latenciesMs.length, seconds: (lastAt - startedAt) / 1_000, latenciesMs });
    });
    // its own histogram knows whole milliseconds only
    instance.on('response', (_client, status, _bytes, responseMs) => {
      lastAt = performance.now();
      latenciesMs.push(responseMs);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    });
  });
}

/** Autocannon makes each request anew then, which costs the load generator some time. */
function withHeaders(headersOf: HeadersOf): NonNullable<autocannon.Request['setupRequest']> {
  return (request) => ({ ...request, headers: { ...CONTENT_TYPE, ...headersOf() } });
}
