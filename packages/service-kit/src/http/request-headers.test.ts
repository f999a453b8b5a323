import { describe, expect, it } from 'vitest';
import { orderApp } from '../../test/app-for-tests.ts';

const valid = { userId: 'u', items: [{ id: 'a' }] };

describe('request headers', () => {
  it('keeps a safe correlation id and echoes it, also in problems', async () => {
    const { app } = await orderApp();
    const headers = { 'x-correlation-id': 'abc-1' };
    const found = await app.inject({ url: '/context', headers });
    expect(found.json().correlationId).toBe('abc-1');
    expect(found.headers['x-correlation-id']).toBe('abc-1');
    const missing = await app.inject({ url: '/nowhere', headers });
    expect(missing.headers['x-correlation-id']).toBe('abc-1');
    expect(missing.json()).toMatchObject({
      status: 404,
      correlationId: 'abc-1',
      type: '/problems/not-found',
    });
  });

  it.each(['', 'a b', 'x'.repeat(129), 'é'])('replaces the correlation id %j by a new one', async (given) => {
    const { app } = await orderApp();
    const response = await app.inject({ url: '/context', headers: { 'x-correlation-id': given } });
    expect(response.json().correlationId).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  });

  it('reads actor, idempotency key and trace context', async () => {
    const { app } = await orderApp();
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const headers = { 'x-actor': 'clerk 7', 'idempotency-key': 'k-1', traceparent };
    const response = await app.inject({ url: '/context', headers });
    expect(response.json()).toMatchObject({
      actor: 'clerk 7',
      idempotencyKey: 'k-1',
      traceparent,
      ip: '127.0.0.1',
    });
  });

  it('leaves out an empty actor and an invalid trace context', async () => {
    const { app } = await orderApp();
    const headers = { 'x-actor': '', traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` };
    const context = (await app.inject({ url: '/context', headers })).json();
    expect(Object.keys(context).sort()).toEqual(['correlationId', 'ip']);
  });

  it.each([
    ['idempotency-key', ''],
    ['idempotency-key', 'a b'],
    ['idempotency-key', 'k'.repeat(256)],
    ['x-actor', 'a'.repeat(256)],
    ['x-actor', 'a\u0007b'],
  ])('refuses %s: %j', async (name, value) => {
    const { app } = await orderApp();
    const response = await app.inject({
      method: 'POST',
      url: '/orders',
      payload: valid,
      headers: { [name]: value },
    });
    expect(response.statusCode).toBe(400);
    expect(response.json().errors[0].path.toLowerCase()).toBe(name);
  });

  it.each([
    ['"5"', 5],
    ['5', 5],
    ['W/"5"', 5],
    ['"0"', 0],
    ['*', 'exists'],
  ])('reads If-Match %s as %s', async (given, expected) => {
    const { app } = await orderApp();
    const response = await app.inject({ url: '/pinned', headers: { 'if-match': given } });
    expect(response.json().expected).toBe(expected);
  });

  it.each(['"a"', '"1", "2"', '"5', '5"', '-1', '1.5', ''])('refuses If-Match %j', async (given) => {
    const { app } = await orderApp();
    const response = await app.inject({ url: '/pinned', headers: { 'if-match': given } });
    expect(response.statusCode).toBe(400);
  });
});
