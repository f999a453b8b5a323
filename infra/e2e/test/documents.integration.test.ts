import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openEventStore } from '@headrace/event-store';
import { projectDir } from '@headrace/local';
import { shopRegistry } from '@headrace/shop';
import { eventually, startOwnRedis } from '@headrace/test-kit';
import { expect, it } from 'vitest';

const here = fileURLToPath(new URL('..', import.meta.url));

function exampleOf(document: string): string {
  const text = readFileSync(`${projectDir}/${document}`, 'utf8');
  const example = /<!-- example -->\n+```ts\n(.*?)```/s.exec(text)?.[1];
  if (example === undefined) throw new Error(`${document} has no example`);
  return example;
}

it('the worker in docs/writing-a-worker.md works as it is written', async () => {
  const redis = await startOwnRedis();
  const store = await openEventStore({ redisUrl: redis.url, registry: shopRegistry });
  const args = ['--conditions=@headrace/source', '--input-type=module-typescript', '--eval'];
  const child = spawn(process.execPath, [...args, exampleOf('docs/writing-a-worker.md')], {
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
    await eventually(() => expect(output).toBe(`order:1 is on its way (${positions[0]})\n`));
  } finally {
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    await store.close();
    await redis.close();
  }
});
