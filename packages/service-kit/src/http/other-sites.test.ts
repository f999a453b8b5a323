import { describe, expect, it } from 'vitest';
import { orderApp } from '../../test/app-for-tests.ts';

const host = 'localhost:3000';
const evil = 'http://evil.example';

async function post(headers: Record<string, string>, corsOrigin?: string) {
  const { app } = await orderApp({ corsOrigin });
  return await app.inject({ method: 'POST', url: '/orders/1/deliver', headers: { host, ...headers } });
}

describe('pages of other sites', () => {
  it.each([
    ['another site, as browsers say it', { 'sec-fetch-site': 'cross-site', origin: evil }],
    ['another site without Origin', { 'sec-fetch-site': 'cross-site' }],
    ['another port of this site', { 'sec-fetch-site': 'same-site', origin: 'http://localhost:5173' }],
    ['another origin over plain HTTP', { origin: evil }],
    ['another port over plain HTTP', { origin: 'http://localhost:5173' }],
    ['a page without an origin', { origin: 'null' }],
  ])('may not change anything: %s', async (_case, headers) => {
    const response = await post(headers);
    expect(response.statusCode).toBe(403);
    expect(response.headers['content-type']).toBe('application/problem+json');
    expect(response.json()).toMatchObject({ type: '/problems/cross-site-request' });
    expect(response.json().detail).toContain('CORS_ORIGIN');
  });

  it.each([
    ['a program', {}],
    ['the own page', { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:3000' }],
    ['the own page over plain HTTP', { origin: 'http://localhost:3000' }],
    ['the own page behind what ends TLS', { host: '10.0.0.1', origin: 'https://10.0.0.1:443' }],
    ['an address that was typed', { 'sec-fetch-site': 'none' }],
    ['the own page behind a proxy with another name', { 'sec-fetch-site': 'same-origin', origin: evil }],
  ])('%s may', async (_case, headers) => {
    expect((await post(headers)).statusCode).toBe(200);
  });

  it('may where CORS lets them, and read everywhere what the browser lets them', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: evil };
    expect((await post(headers, `https://shop.example, ${evil}`)).statusCode).toBe(200);
    expect((await post(headers, '*')).statusCode).toBe(200);
    expect((await post(headers, 'https://shop.example')).statusCode).toBe(403);
    const { app } = await orderApp();
    expect((await app.inject({ url: '/context', headers })).statusCode).toBe(200);
  });

  it('are refused before anything else is looked at', async () => {
    const { app } = await orderApp();
    const headers = { 'sec-fetch-site': 'cross-site', 'content-type': 'text/plain' };
    const response = await app.inject({ method: 'POST', url: '/orders', headers, payload: '{}' });
    expect(response.statusCode).toBe(403);
  });
});
