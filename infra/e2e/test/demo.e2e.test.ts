import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PrintedOrder, printedOrders, runDemo } from './support/demo.ts';
import { getJson } from './support/http.ts';
import { startTestSystem, type TestSystem } from './support/test-system.ts';

type Json = Readonly<Record<string, unknown>>;

interface SeenOrder {
  readonly orderId: string;
  readonly history: readonly Json[];
  readonly states: readonly { readonly label: string; readonly url: string; readonly order: Json }[];
}

describe('npm run demo', () => {
  let system: TestSystem;

  beforeAll(async () => {
    system = await startTestSystem();
  });

  afterAll(async () => {
    await system?.close();
  });

  const get = <T>(path: string): Promise<T> => getJson<T>(`${system.url('order-api')}${path}`);

  it('prints tables that say what the API says', async () => {
    const { code, stdout, stderr } = await runDemo(system.urls, []);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const printed = printedOrders(stdout);
    expect(printed).toHaveLength(3);
    for (const order of printed) await expectAsTheApiSays(order);
    expect(stdout).toContain(system.url('mail'));
    expect(stdout).toContain(`${system.url('order-api')}/docs`);
  });

  async function expectAsTheApiSays({ orderId, events, state }: PrintedOrder): Promise<void> {
    const history = await get<readonly Json[]>(`/orders/${orderId}/history`);
    expect(events.map((row) => row.slice(0, 4))).toEqual(
      history.map(({ version, type, recordedAt, eventId }) => [String(version), type, recordedAt, eventId]),
    );
    const now = await get<Json>(`/orders/${orderId}`);
    for (const column of ['now', 'read model']) {
      expect([
        state('Status', column),
        state('Amount', column),
        state('Refunded', column),
        state('Version', column),
      ]).toEqual([now['status'], now['amount'], now['refundedAmount'], now['version']].map(String));
    }
  }

  it('prints as JSON what the API still says afterwards', async () => {
    const { code, stdout } = await runDemo(system.urls, ['--json']);
    expect(code).toBe(0);
    const { orders } = JSON.parse(stdout) as { readonly orders: readonly SeenOrder[] };
    for (const { orderId, history, states } of orders) {
      expect(await get(`/orders/${orderId}/history`)).toEqual(history);
      const lasting = states.filter(({ label }) => label !== 'as a draft' && label !== 'read model');
      for (const { url, order } of lasting) expect(await getJson(url)).toEqual(order);
    }
    expect(orders.map(({ states }) => states.map(({ label, order }) => [label, order['status']]))).toEqual([
      [
        ['now', 'delivered'],
        ['?version=2', 'paid'],
        ['?at=(when paid)', 'paid'],
        ['read model', 'delivered'],
      ],
      [
        ['just cancelled', 'cancelled'],
        ['now', 'cancelled'],
        ['read model', 'cancelled'],
      ],
      [
        ['as a draft', 'draft'],
        ['now', 'placed'],
        ['read model', 'placed'],
      ],
    ]);
    expect(orders[1]?.states.map(({ order }) => order['refundedAmount'])).toEqual([0, 49, 49]);
  });
});

describe('npm run demo without a system', () => {
  it('says how to start one, and exits with 2', async () => {
    const { code, stderr } = await runDemo({}, [], { HEADRACE_PORT_BASE: '19990' });
    expect(code).toBe(2);
    expect(stderr).toContain('http://127.0.0.1:19990');
    expect(stderr).toContain('npm start');
  });

  it('refuses options that it does not know with 1', async () => {
    const { code, stderr } = await runDemo({}, ['--jsno']);
    expect(code).toBe(1);
    expect(stderr).toContain('--jsno');
  });
});
