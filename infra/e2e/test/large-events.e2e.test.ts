import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './support/eventually.ts';
import { getJson, send } from './support/http.ts';
import { mailsIn } from './support/mails.ts';
import { openStore } from './support/store.ts';
import { startTestSystem, type TestSystem } from './support/test-system.ts';

const workers = ['projection-service', 'email-worker', 'analytics-worker', 'billing-worker'];
const heapMb = 128;
/** Together more than the heap of a service. */
const largeEvents = 400;
const large = { type: 'BlobStored', data: { text: 'x'.repeat(450_000) } };

let system: TestSystem;
beforeAll(async () => {
  const env = { NODE_OPTIONS: `--max-old-space-size=${heapMb}` };
  system = await startTestSystem({ env, restartUnasked: false });
});
afterAll(() => system?.close());

const instances = () => workers.flatMap((name) => system.services[name] ?? []);

interface Group {
  readonly group: string;
  readonly partitions: readonly { readonly partition: number; readonly lagEvents: number }[];
}

/** Large events, and an order behind them on their partition. */
async function write(): Promise<string> {
  const store = await openStore(system.redis.url);
  try {
    const stream = 'blob:1';
    for (let i = 0; i < largeEvents; i += 8)
      await store.append(
        stream,
        Array.from({ length: 8 }, () => large),
      );
    const ids = Array.from({ length: 200 }, (_, i) => `behind-${i}`);
    const { partitionOf } = store.keys;
    return ids.find((id) => partitionOf(`order:${id}`) === partitionOf(stream)) ?? '';
  } finally {
    await store.close();
  }
}

describe('more large events than fit into a worker’s memory', () => {
  it('are passed by every worker, and what is behind them is handled', async () => {
    await Promise.all(instances().map((instance) => instance.stop()));
    const orderId = await write();
    const order = { orderId, userId: 'ann', email: 'ann@example.com', items: [{ id: 'book', name: 'Book' }] };
    const { status } = await send('POST', `${system.url('order-api')}/orders`, { ...order, amount: 10 });
    expect(status).toBe(201);
    await Promise.all(instances().map((instance) => instance.restart()));
    const pids = instances().map(({ pid }) => pid);

    await eventually(
      'no lag',
      async () => {
        expect(instances().map(({ pid }) => pid)).toEqual(pids);
        for (const name of workers) {
          const { groups } = await getJson<{ groups: readonly Group[] }>(`${system.url(name)}/consumer`);
          for (const { group, partitions } of groups) {
            expect(partitions, group).toHaveLength(8);
            for (const { lagEvents } of partitions) expect(lagEvents, group).toBe(0);
          }
        }
      },
      120_000,
    );
    expect(await getJson(`${system.url('billing-worker')}/invoices/${orderId}`)).toMatchObject({ orderId });
    expect(await mailsIn(system.url('mail'))).toHaveLength(1);
    expect(instances().map(({ pid }) => pid)).toEqual(pids);
  });
});
