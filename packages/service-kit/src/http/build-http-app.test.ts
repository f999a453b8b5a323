import { describe, expect, it } from 'vitest';
import { appForTests, orderApp } from '../../test/app-for-tests.ts';

const problemType = 'application/problem+json';

describe('limits', () => {
  it('takes long percent-encoded names, and refuses what no name can be', async () => {
    const { app } = await orderApp();
    const name = `order:${'/'.repeat(250)}`;
    const found = await app.inject({ url: `/streams/${encodeURIComponent(name)}` });
    expect(found.json()).toEqual({ name });
    const long = await app.inject({ url: `/streams/${'a'.repeat(1000)}` });
    expect([long.statusCode, long.headers['content-type']]).toEqual([414, problemType]);
    const broken = await app.inject({ url: '/streams/%zz' });
    expect([broken.statusCode, broken.headers['content-type']]).toEqual([400, problemType]);
  });

  it('answers 503 when a handler takes too long, and only once', async () => {
    const { app, log } = await orderApp({ requestTimeoutMs: 100 });
    const response = await app.inject({ url: '/slow' });
    expect(response.json()).toMatchObject({ status: 503, type: '/problems/timeout' });
    expect(response.headers['retry-after']).toBe('1');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(log.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });

  it('limits the rate per client when configured, but never health and metrics', async () => {
    const { app } = await orderApp({ rateLimitPerMinute: 2 });
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await app.inject({ url: '/context' })).statusCode);
    expect(statuses).toEqual([200, 200, 429]);
    const refused = await app.inject({ url: '/context' });
    expect(refused.json()).toMatchObject({ type: '/problems/rate-limited', status: 429 });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await app.inject({ url: '/nowhere' })).statusCode).toBe(429);
    expect((await app.inject({ url: '/health/live' })).statusCode).toBe(200);
    expect((await app.inject({ url: '/metrics' })).statusCode).toBe(200);
  });

  it('lets other origins in only when configured', async () => {
    const origin = 'https://shop.example';
    const closed = await orderApp();
    expect(
      (await closed.app.inject({ url: '/context', headers: { origin } })).headers[
        'access-control-allow-origin'
      ],
    ).toBeUndefined();
    const open = await orderApp({ corsOrigin: `${origin}, https://other.example` });
    const allowed = await open.app.inject({ url: '/context', headers: { origin } });
    expect(allowed.headers['access-control-allow-origin']).toBe(origin);
    expect(allowed.headers['access-control-expose-headers']).toContain('ETag');
    const foreign = await open.app.inject({ url: '/context', headers: { origin: 'https://evil.example' } });
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('believes X-Forwarded-For of trusted proxies only', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    const plain = await orderApp();
    expect((await plain.app.inject({ url: '/context', headers })).json().ip).toBe('127.0.0.1');
    const behind = await orderApp({ trustProxy: 'loopback' });
    expect((await behind.app.inject({ url: '/context', headers })).json().ip).toBe('203.0.113.7');
  });
});

describe('metrics', () => {
  it('counts by route pattern, and unmatched paths together', async () => {
    const { app } = await orderApp();
    await app.inject({ url: '/streams/a' });
    await app.inject({ url: '/streams/b' });
    await app.inject({ url: '/no/such/path' });
    const { body, headers } = await app.inject({ url: '/metrics' });
    expect(headers['content-type']).toContain('text/plain');
    expect(body).toContain(
      'headrace_http_requests_total{method="GET",route="/streams/:name",status="200",service="test"} 2',
    );
    expect(body).toContain(
      'headrace_http_requests_total{method="GET",route="unmatched",status="404",service="test"} 1',
    );
    expect(body).toMatch(
      /headrace_http_request_duration_seconds_bucket\{method="GET",route="\/streams\/:name",status="200",le="\+Inf",service="test"\} 2/,
    );
    expect(body).not.toContain('/streams/a');
    expect(body).toContain('headrace_service_info{version="1.2.3",service="test"} 1');
  });

  it('reports the process and its event loop unless told not to', async () => {
    const { app } = await appForTests({ processMetrics: true });
    expect((await app.inject({ url: '/metrics' })).body).toContain('nodejs_eventloop_lag_p99_seconds');
  });
});
