import { existsSync, readFileSync } from 'node:fs';
import { openEventStore } from '@headrace/event-store';
import { shopRegistry } from '@headrace/shop';
import { startOwnRedis } from '@headrace/test-kit';
import { expect, it, onTestFinished } from 'vitest';
import { ready, spawnEventApi } from './event-api-process.ts';

const EVENTS = 100_000;
const MIB = 1024 * 1024;
const ALLOWED = 64 * MIB;

/** Resident memory of a process now, and the most it ever had (proc(5)). */
function memoryOf(pid: number | undefined) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  return { now: kib('VmRSS') * 1024, most: kib('VmHWM') * 1024 };
}

interface Page {
  readonly events: readonly { readonly version: number }[];
  readonly hasMore: boolean;
  readonly nextVersion?: number;
  readonly cursor?: string;
}

it.runIf(existsSync('/proc/self/status'))(
  'pages through 100,000 events with little more memory than when idle',
  async () => {
    const redis = await startOwnRedis();
    onTestFinished(() => redis.close());
    const store = await openEventStore({ redisUrl: redis.url, registry: shopRegistry });
    onTestFinished(() => store.close());
    const batch = Array.from({ length: 1_000 }, (_, n) => ({
      type: 'Counted',
      data: { n, note: 'x'.repeat(300) },
    }));
    for (let i = 0; i < EVENTS; i += batch.length) await store.append('long:1', batch);

    const service = spawnEventApi({ REDIS_URL: redis.url });
    const url = await ready(service);
    const get = async (path: string): Promise<Page> => {
      const response = await fetch(`${url}${path}`);
      expect(response.status).toBe(200);
      return ((await response.json()) as { data: Page }).data;
    };
    await get('/api/events/long:1?limit=1');
    const idle = memoryOf(service.child.pid).now;

    let read = 0;
    for (let from = 0, more = true; more; ) {
      const page = await get(`/api/events/long:1/${from}?limit=1000`);
      for (const { version } of page.events) {
        read += 1;
        if (version !== read) throw new Error(`version ${version} came where ${read} should have been`);
      }
      more = page.hasMore;
      from = page.nextVersion ?? from;
    }
    expect(read).toBe(EVENTS);

    let seen = 0;
    for (let cursor = '', more = true; more; ) {
      const page = await get(`/api/events?limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen += page.events.length;
      more = page.hasMore;
      cursor = page.cursor ?? '';
    }
    expect(seen).toBe(EVENTS);
    expect((memoryOf(service.child.pid).most - idle) / MIB).toBeLessThanOrEqual(ALLOWED / MIB);
  },
);
