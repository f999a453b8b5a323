import type { HTTPMethods } from 'fastify';
import { describe, expect, it } from 'vitest';
import { orderApp } from '../../test/app-for-tests.ts';
import { rawAnswer } from '../../test/raw-answer.ts';

const problemType = 'application/problem+json';

async function answer(
  method: HTTPMethods,
  url: string,
  headers: Record<string, string> = {},
  corsOrigin?: string,
) {
  const { app } = await orderApp({ corsOrigin });
  return await app.inject({ method, url, headers });
}

describe('a known path', () => {
  it.each([
    ['PUT', '/orders', 'OPTIONS, POST'],
    ['GET', '/orders', 'OPTIONS, POST'],
    ['DELETE', '/orders/1/deliver?x=/orders', 'OPTIONS, POST'],
    ['PATCH', '/context', 'GET, HEAD, OPTIONS'],
    ['POST', '/streams/order%3A1%2F2', 'GET, HEAD, OPTIONS'],
    ['POST', '/%73treams/%zz', undefined],
    ['POST', '/%73treams/a%20b', 'GET, HEAD, OPTIONS'],
    ['POST', '/health/live', 'GET, HEAD, OPTIONS'],
    ['POST', '/docs/static/index.html', 'GET, HEAD, OPTIONS'],
  ] as const)('answers %s %s with 405 and what it takes', async (method, url, allow) => {
    const response = await answer(method, url);
    expect(response.headers['content-type']).toBe(problemType);
    if (allow === undefined) return expect(response.statusCode).toBe(400);
    expect([response.statusCode, response.headers['allow']]).toEqual([405, allow]);
    expect(response.json()).toMatchObject({
      type: '/problems/method-not-allowed',
      detail: `There is no ${method} on this path; it takes ${allow}.`,
      allowed: allow.split(', '),
    });
  });

  it('answers 405 without a body to HEAD, and to methods that nothing takes', async () => {
    const head = await answer('HEAD', '/orders');
    expect([head.statusCode, head.headers['allow'], head.body]).toEqual([405, 'OPTIONS, POST', '']);
    for (const method of ['PROPFIND', 'TRACE']) {
      const raw = await rawAnswer(
        `${method} /orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      );
      expect(raw).toMatch(/^HTTP\/1.1 405 .*\r\nallow: OPTIONS, POST\r\n/s);
    }
  });

  it.each([undefined, 'https://shop.example'])(
    'says to OPTIONS what it takes, with CORS for %s',
    async (cors) => {
      const response = await answer('OPTIONS', '/context', {}, cors);
      expect([response.statusCode, response.headers['allow'], response.body]).toEqual([
        204,
        'GET, HEAD, OPTIONS',
        '',
      ]);
      expect(response.headers['access-control-allow-origin']).toBeUndefined();
      expect((await answer('OPTIONS', '/nowhere', {}, cors)).json()).toMatchObject({ status: 404 });
    },
  );

  it('says to OPTIONS what the service takes at all', async () => {
    const raw = await rawAnswer('OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(raw).toMatch(/^HTTP\/1.1 204 .*\r\nallow: GET, HEAD, OPTIONS, POST\r\n/s);
  });

  it('leaves preflight requests to CORS where there is CORS', async () => {
    const origin = 'https://shop.example';
    const preflight = { origin, 'access-control-request-method': 'POST' };
    const open = await answer('OPTIONS', '/orders', preflight, origin);
    expect([open.statusCode, open.headers['access-control-allow-origin']]).toEqual([204, origin]);
    const closed = await answer('OPTIONS', '/orders', preflight);
    expect([closed.statusCode, closed.headers['access-control-allow-origin']]).toEqual([204, undefined]);
  });
});

describe('an unknown path', () => {
  it.each(['/', '/order', '/orders/', '/orders/1', '/orders/1/deliver/x', '/ordersx', '/streams/'])(
    'is 404 whatever the method: %s',
    async (url) => {
      for (const method of ['GET', 'POST', 'PUT'] as const) {
        if (method === 'GET' && url === '/streams/') continue;
        const response = await answer(method, url);
        expect([method, response.statusCode, response.headers['allow']]).toEqual([method, 404, undefined]);
      }
    },
  );

  it('is counted as unmatched, as are other methods and OPTIONS', async () => {
    const { app } = await orderApp();
    await app.inject({ method: 'PUT', url: '/orders' });
    await app.inject({ method: 'OPTIONS', url: '/orders' });
    const { body } = await app.inject({ url: '/metrics' });
    expect(body).toContain('{method="PUT",route="unmatched",status="405",service="test"} 1');
    expect(body).toContain('{method="OPTIONS",route="unmatched",status="204",service="test"} 1');
  });
});
