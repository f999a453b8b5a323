import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './support/eventually.ts';
import { send } from './support/http.ts';
import { logKeys, withRedis } from './support/log.ts';
import {
  documentedMetrics,
  exposedMetrics,
  type Sample,
  scrape,
  sumOf,
  valuesOf,
} from './support/metrics.ts';
import { startTestSystem, type TestSystem } from './support/test-system.ts';

const services = [
  'order-api',
  'event-api',
  'projection-service',
  'email-worker',
  'analytics-worker',
  'billing-worker',
];
const workers = services.filter((name) => !name.endsWith('-api'));
const customer = 'grace.metered@example.com';
const password = 'pa55word';

let system: TestSystem;
let orderId = '';
const lines: { readonly source: string; readonly text: string }[] = [];

beforeAll(async () => {
  system = await startTestSystem({
    env: { LOG_LEVEL: 'debug', LOG_PARTITIONS: '2' },
    log: { line: (source, text) => void lines.push({ source, text }), message: () => undefined },
  });
  await someWork();
});

afterAll(async () => {
  await system?.close();
});

const ask = (service: string, path: string, body?: object, headers?: Record<string, string>) =>
  send(body === undefined ? 'GET' : 'POST', `${system.url(service)}${path}`, body, headers);

const page = (service: string): Promise<readonly Sample[]> => scrape(system.url(service));

/** An order, some mistakes, a mail server that is away for a while, and an event that nobody can read. */
async function someWork(): Promise<void> {
  const order = { userId: 'grace', items: [{ id: 'book', name: 'Book' }], amount: 20, email: customer };
  const placed = await ask('order-api', '/orders', order, { 'x-correlation-id': 'metered-1' });
  orderId = (placed.body as { orderId: string }).orderId;
  await system.mail.kill();
  await ask('order-api', `/orders/${orderId}/payment`, { paymentMethod: 'card', amount: 20 });
  await ask('order-api', `/orders/${orderId}/cancel`, { reason: 'too slow', userId: 'grace' });
  await ask('order-api', '/orders/unknown');
  // refused requests are logged with their paths, and people put anything into paths
  await ask('order-api', `/orders/${customer}?next=redis://app:${password}@10.0.0.1`);
  const note = { streamId: 'note:1', eventType: 'NoteTaken', eventData: { text: 'a' } };
  await ask('event-api', '/api/events', note);
  await ask('event-api', '/api/events', { ...note, expectedVersion: 7 });
  await withRedis(system.redis.url, async (redis) => {
    const [log = ''] = await logKeys(redis);
    const fields = { stream: 'order:from-the-future', version: 1, type: 'OrderPlaced', schema: 99 };
    const meta = JSON.stringify({ correlationId: 'metered-2' });
    await redis.xadd(log, '*', ...Object.entries(fields).flat(), 'data', '{}', 'meta', meta);
  });
  await eventually('mails that are delayed', async () => {
    const samples = await page('email-worker');
    expect(sumOf(samples, 'headrace_emails_total', { outcome: 'delayed' })).toBeGreaterThan(0);
  });
  await system.mail.restart();
}

describe('metrics', () => {
  it.each(services)(
    'of %s are those that docs/metrics.md has, with their types and labels',
    async (service) => {
      const documented = documentedMetrics();
      const own = [...(documented.get('Every service') ?? []), ...(documented.get(service) ?? [])];
      const exposed = await exposedMetrics(system.url(service));
      const headrace = exposed.filter(({ name }) => name.startsWith('headrace_'));
      const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
      expect(headrace.toSorted(byName)).toEqual(own.toSorted(byName));
      const nodes = documented.get("Node's own") ?? [];
      expect(nodes.length).toBeGreaterThan(3);
      expect(exposed).toEqual(expect.arrayContaining([...nodes]));
    },
  );

  it('count requests, their errors and their time by route, not by path', async () => {
    const samples = await page('order-api');
    const route = { method: 'POST', route: '/orders' };
    expect(valuesOf(samples, 'headrace_http_requests_total', { ...route, status: '201' })).toEqual([1]);
    expect(valuesOf(samples, 'headrace_http_request_duration_seconds_count', route)).toEqual([1]);
    const unknown = { route: '/orders/:id', status: '404' };
    expect(valuesOf(samples, 'headrace_http_requests_total', unknown)).toEqual([1]);
    expect(JSON.stringify(samples)).not.toContain(orderId);
  });

  it('count appends, conflicts and their time', async () => {
    const samples = await page('event-api');
    expect(valuesOf(samples, 'headrace_store_appends_total', { outcome: 'appended' })).toEqual([1]);
    expect(valuesOf(samples, 'headrace_store_appends_total', { outcome: 'conflict' })).toEqual([1]);
    expect(valuesOf(samples, 'headrace_store_events_appended_total')).toEqual([1]);
    expect(valuesOf(samples, 'headrace_store_append_duration_seconds_count')).toEqual([1]);
    expect(sumOf(samples, 'headrace_store_append_duration_seconds_sum')).toBeGreaterThan(0);
  });

  it.each(services)('of %s show the server’s memory, the clock and the event loop', async (service) => {
    const samples = await page(service);
    expect(valuesOf(samples, 'headrace_redis_up')).toEqual([1]);
    expect(sumOf(samples, 'headrace_redis_memory_used_bytes')).toBeGreaterThan(500_000);
    expect(valuesOf(samples, 'headrace_redis_clock_lead_seconds')).toEqual([0]);
    expect(sumOf(samples, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
  });

  it.each(workers)('of %s show what was handled, retried and parked, and who owns what', async (service) => {
    await eventually('the work to be done', async () => {
      const samples = await page(service);
      expect(sumOf(samples, 'headrace_consumer_handled_total')).toBeGreaterThanOrEqual(4);
      expect(sumOf(samples, 'headrace_consumer_parked_total')).toBeGreaterThanOrEqual(1);
      expect(sumOf(samples, 'headrace_consumer_blocked_streams')).toBeGreaterThanOrEqual(1);
      expect(sumOf(samples, 'headrace_consumer_lag_events')).toBeLessThanOrEqual(1);
      expect(sumOf(samples, 'headrace_consumer_lag_seconds')).toBeLessThan(60);
    });
    const samples = await page(service);
    for (const up of valuesOf(samples, 'headrace_consumer_up')) expect(up).toBe(1);
    for (const owned of valuesOf(samples, 'headrace_consumer_partitions_owned')) expect(owned).toBe(2);
    for (const taken of valuesOf(samples, 'headrace_consumer_lease_changes_total')) expect(taken).toBe(2);
    expect(sumOf(samples, 'headrace_consumer_partitions', { state: 'paused' })).toBe(0);
    const retried = sumOf(samples, 'headrace_consumer_retried_total');
    if (service === 'email-worker') expect(retried).toBeGreaterThan(0);
  });

  it('show how far the read models are behind', async () => {
    await eventually('no lag', async () => {
      const samples = await page('projection-service');
      const orders = { projection: 'orders', state: 'active' };
      expect(valuesOf(samples, 'headrace_projection_lag_events', orders)).toEqual([0]);
    });
    await system.redis.kill('SIGSTOP');
    try {
      const samples = await page('projection-service');
      expect(valuesOf(samples, 'headrace_redis_up')).toEqual([0]);
      expect(valuesOf(samples, 'headrace_projection_lag_events')).toEqual([]);
      expect(valuesOf(samples, 'headrace_redis_memory_used_bytes')).toEqual([]);
    } finally {
      await system.redis.kill('SIGCONT');
    }
  });
});

describe('logs', () => {
  it('are JSON objects, one a line, with service and instance', () => {
    expect(lines.length).toBeGreaterThan(50);
    for (const { source, text } of lines) {
      expect(JSON.parse(text)).toMatchObject({
        service: source,
        level: expect.any(String),
        instance: expect.any(String),
      });
    }
  });

  it('name request, event and stream where there is one', () => {
    const parsed = lines.map(({ text }) => JSON.parse(text) as Record<string, unknown>);
    const position = expect.stringMatching(/^\d+-\d+-\d+$/);
    const request = { service: 'order-api', msg: 'request', path: '/orders', correlationId: 'metered-1' };
    expect(parsed).toContainEqual(expect.objectContaining(request));
    const stream = `order:${orderId}`;
    const mail = { service: 'email-worker', stream, correlationId: 'metered-1', eventId: position };
    expect(parsed).toContainEqual(expect.objectContaining(mail));
    for (const service of workers) {
      expect(parsed).toContainEqual(
        expect.objectContaining({
          service,
          level: 'warn',
          msg: 'event parked as a dead letter',
          stream: 'order:from-the-future',
          type: 'OrderPlaced',
          eventId: position,
          correlationId: 'metered-2',
          cause: 'unreadable',
        }),
      );
    }
  });

  it('hold no mail address and no password', () => {
    const all = lines.map(({ text }) => text).join('\n');
    expect(all).toContain('"path":"/orders/[redacted]","query":["next"]');
    expect(all).not.toContain('10.0.0.1');
    for (const secret of ['grace.metered', password]) expect(all).not.toContain(secret);
    expect(all).not.toMatch(/\w+:\/\/[^\s/"]+:[^\s/"]+@/);
  });
});
