import { describe, expect, it } from 'vitest';
import { orderApp } from '../../test/app-for-tests.ts';
import { rawAnswer } from '../../test/raw-answer.ts';

async function statusFor(host: string, allowedHosts?: string, url = '/context') {
  const { app } = await orderApp({ allowedHosts });
  const response = await app.inject({ url, headers: { host } });
  return response.statusCode;
}

describe('names of a service', () => {
  it.each([
    'localhost',
    'LOCALHOST:3000',
    'localhost.:3000',
    'shop.localhost:3000',
    '127.0.0.1:3000',
    '10.1.2.3',
    '[::1]:3000',
    '[fe80::1]',
  ])('takes requests for %s', async (host) => {
    expect(await statusFor(host)).toBe(200);
  });

  it.each([
    'evil.example',
    'evil.example:3000',
    'localhost.evil.example',
    'evil-localhost',
    '127.0.0.1.evil.example',
    '[evil.example]',
    'order-api:3000',
    'a:b:c',
  ])('refuses %s with 421', async (host) => {
    expect(await statusFor(host)).toBe(421);
  });

  it('says which setting lets the name in', async () => {
    const { app } = await orderApp();
    for (const url of ['/context', '/no/such/path', '/health/live', '/metrics', '/docs']) {
      const response = await app.inject({ url, headers: { host: 'evil.example:3000' } });
      expect(response.headers['content-type'], url).toBe('application/problem+json');
      expect(response.json()).toMatchObject({ status: 421, type: '/problems/misdirected-request' });
      expect(response.json().detail).toContain('ALLOWED_HOSTS=evil.example');
    }
  });

  it('takes the names that are allowed, with their subdomains where asked for', async () => {
    const allowed = 'order-api, Shop.example.com,*.internal.example,';
    expect(await statusFor('order-api:3000', allowed)).toBe(200);
    expect(await statusFor('shop.example.com', allowed)).toBe(200);
    expect(await statusFor('a.b.internal.example', allowed)).toBe(200);
    expect(await statusFor('localhost', allowed)).toBe(200);
    expect(await statusFor('internal.example', allowed)).toBe(421);
    expect(await statusFor('x.shop.example.com', allowed)).toBe(421);
    expect(await statusFor('evil.example', '*')).toBe(200);
  });

  it('want one Host in HTTP/1.1, and none in HTTP/1.0', async () => {
    const close = 'Connection: close\r\n\r\n';
    const none = await rawAnswer(`GET /context HTTP/1.1\r\n${close}`);
    expect(none).toMatch(/^HTTP\/1.1 400 .*application\/problem\+json.*There is no Host/s);
    const two = await rawAnswer(`GET /context HTTP/1.1\r\nHost: localhost\r\nhost: b\r\n${close}`);
    expect(two).toMatch(/^HTTP\/1.1 400 .*application\/problem\+json.*more than one Host/s);
    expect(await rawAnswer(`GET /context HTTP/1.1\r\nHost:\r\n${close}`)).toMatch(/^HTTP\/1.1 421 /);
    expect(await rawAnswer('GET /context HTTP/1.0\r\n\r\n')).toContain(' 200 OK');
  });
});
