import { runScript } from '@headrace/event-store';
import { expect, it } from 'vitest';
import { scripts } from '../src/scripts/index.ts';
import { orderOn, say, sayMuch, useStore } from './support/orders.ts';

const { store } = useStore(1);
const GROUP = 'claiming';
const MAX_BYTES = 1_000_000;

type Page = [status: string, cursor: string, entries: [id: string, fields: string[]][], attempts: number[]];

async function claim(cursor: string): Promise<Page> {
  const { redis, keys } = store();
  const keysOf = [keys.group(0, GROUP, 'lease'), keys.log(0), keys.group(0, GROUP, 'attempts')];
  const args = [1, GROUP, 'heir', cursor, 100, MAX_BYTES];
  return (await runScript(redis, scripts.claim, keysOf, args)) as Page;
}

it('what an earlier holder left is claimed in order, in pages that are bounded in bytes as in number', async () => {
  const { redis, keys } = store();
  const stream = orderOn(store(), 0);
  await sayMuch(store(), stream, 40);
  for (let i = 0; i < 250; i += 1) await say(store(), stream, 'x');
  await redis.xgroup('CREATE', keys.log(0), GROUP, '0');
  await redis.xreadgroup('GROUP', GROUP, 'dead', 'COUNT', 1_000, 'STREAMS', keys.log(0), '>');
  await redis.hset(keys.group(0, GROUP, 'lease'), { owner: 'heir', epoch: 1, until: Date.now() + 3_600_000 });
  const ids: string[] = [];
  const sizes: number[] = [];
  let cursor = '0-0';
  do {
    const [status, next, entries] = await claim(cursor);
    expect(status).toBe('ok');
    ids.push(...entries.map(([id]) => id));
    sizes.push(entries.length);
    expect(entries.length).toBeLessThanOrEqual(100);
    expect(JSON.stringify(entries).length).toBeLessThan(2 * MAX_BYTES);
    cursor = next;
  } while (cursor !== '0-0');
  expect(ids).toEqual((await redis.xrange(keys.log(0), '-', '+')).map(([id]) => id));
  // the large ones a few at a time, the small ones many
  expect(sizes.length).toBeGreaterThan(4);
  expect(Math.max(...sizes)).toBeGreaterThan(50);
});
