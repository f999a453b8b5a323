import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openEventStore } from '@headrace/event-store';
import { shopRegistry } from '@headrace/shop';
import { eventually, startOwnRedis } from '@headrace/test-kit';
import { expect, it } from 'vitest';
import { markedBlock } from './support/documents.ts';

const here = fileURLToPath(new URL('..', import.meta.url));

it('the worker in docs/writing-a-worker.md works as it is written', async () => {
  const redis = await startOwnRedis();
  const store = await openEventStore({ redisUrl: redis.url, registry: shopRegistry });
  const args = ['--conditions=@headrace/source', '--input-type=module-typescript', '--eval'];
  const child = spawn(process.execPath, [...args, markedBlock('docs/writing-a-worker.md', 'example')], {
    cwd: here,
    env: { PATH: process.env['PATH'], REDIS_URL: redis.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const exited = once(child, 'exit');
  try {
    const data = {
      orderId: '1',
      userId: 'ann',
      amount: { minor: 100, currency: 'USD' },
      paymentTerms: 'prepaid' as const,
      trackingNumber: 'TRACK123',
    };
    const { positions } = await store.append('order:1', [{ type: 'OrderShipped', data }]);
    await eventually(() => expect(output).toBe(`order 1 is on its way: TRACK123 (${positions[0]})\n`));
  } finally {
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    await store.close();
    await redis.close();
  }
});
