import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { orderApp } from '../../test/app-for-tests.ts';

const problemType = 'application/problem+json';
const valid = { userId: 'u', items: [{ id: 'a' }] };

describe('request bodies', () => {
  it('hands a valid body to the handler', async () => {
    const { app } = await orderApp();
    const response = await app.inject({ method: 'POST', url: '/orders', payload: valid });
    expect(response.statusCode).toBe(201);
    expect(response.headers).toMatchObject({ etag: '"5"', 'idempotency-replayed': 'true' });
  });

  it('names every wrong and unknown field', async () => {
    const { app } = await orderApp();
    const payload = { items: [{ id: 1 }, { id: 'b', colour: 'red' }], extra: true };
    const response = await app.inject({ method: 'POST', url: '/orders', payload });
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toBe(problemType);
    const { errors, ...rest } = response.json();
    expect(rest).toMatchObject({ type: '/problems/invalid-request', status: 400, instance: '/orders' });
    expect(errors.map((issue: { path: string }) => issue.path).sort()).toEqual([
      'extra',
      'items.0.id',
      'items.1.colour',
      'userId',
    ]);
    expect(errors[0].in).toBe('body');
  });

  it('bounds the list of issues', async () => {
    const { app } = await orderApp();
    const payload = { userId: 'u', items: Array.from({ length: 500 }, () => ({ id: 1 })) };
    const response = await app.inject({ method: 'POST', url: '/orders', payload });
    expect(response.json().errors).toHaveLength(50);
  });

  it.each([
    ['no body and no content type', {}],
    ['no body with a content type', { headers: { 'content-type': 'application/json' } }],
    ['an empty object', { payload: {} }],
  ])('accepts %s where nothing is required', async (_case, request) => {
    const { app } = await orderApp();
    const response = await app.inject({ method: 'POST', url: '/orders/1/deliver', ...request });
    expect([response.statusCode, response.json()]).toEqual([200, {}]);
  });

  it('lists what is missing when a body is required but absent', async () => {
    const { app } = await orderApp();
    const response = await app.inject({ method: 'POST', url: '/orders' });
    expect(response.json().errors).toHaveLength(2);
  });

  it.each([
    ['malformed JSON', '{"a":', 'application/json', 400, 'malformed-json'],
    [
      'prototype poisoning',
      '{"userId":"u","items":[],"__proto__":{"a":1}}',
      'application/json',
      400,
      'malformed-json',
    ],
    ['a null body', 'null', 'application/json', 400, 'invalid-request'],
    ['plain text', 'hello', 'text/plain', 415, 'unsupported-media-type'],
    ['a form', 'a=1', 'application/x-www-form-urlencoded', 415, 'unsupported-media-type'],
    ['a broken content type', '{}', 'json', 415, 'unsupported-media-type'],
    ['a large body', JSON.stringify('x'.repeat(2 * 1024 ** 2)), 'application/json', 413, 'body-too-large'],
  ])('refuses %s', async (_case, payload, contentType, status, slug) => {
    const { app } = await orderApp();
    const response = await app.inject({
      method: 'POST',
      url: '/orders',
      payload,
      headers: { 'content-type': contentType },
    });
    expect(response.headers['content-type']).toBe(problemType);
    expect(response.json()).toMatchObject({ status, type: `/problems/${slug}` });
    expect(response.statusCode).toBe(status);
  });

  it.each([
    [
      'a number that no double holds',
      '{"userId":"u","items":[{"id":"a","price":12345678901234567890}]}',
      'items.0.price',
    ],
    ['a name that stands twice', '{"userId":"u","userId":"v","items":[]}', 'userId'],
    ['half of a surrogate pair', '{"userId":"\\ud800","items":[]}', 'userId'],
    ['bytes that are no UTF-8', Buffer.from([...Buffer.from('{"userId":"'), 0xff, ...Buffer.from('"}')]), ''],
  ])('says where it holds %s', async (_case, payload, path) => {
    const { app } = await orderApp();
    const headers = { 'content-type': 'application/json' };
    const response = await app.inject({ method: 'POST', url: '/orders', payload, headers });
    expect(response.statusCode).toBe(422);
    expect(response.headers['content-type']).toBe(problemType);
    expect(response.json()).toMatchObject({
      type: '/problems/json-not-exact',
      errors: [{ in: 'body', path }],
    });
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['BR', brotliCompressSync],
    ['gzip, identity', gzipSync],
  ])('says that it cannot be encoded as %s', async (encoding, encode) => {
    const { app } = await orderApp();
    const response = await app.inject({
      method: 'POST',
      url: '/orders',
      payload: encode(JSON.stringify(valid)),
      headers: { 'content-type': 'application/json', 'content-encoding': encoding },
    });
    expect(response.statusCode).toBe(415);
    expect(response.headers).toMatchObject({ 'content-type': problemType, 'accept-encoding': 'identity' });
    expect(response.json()).toMatchObject({ type: '/problems/unsupported-content-encoding', supported: [] });
    expect(response.json().detail).toContain(`encoded as ${encoding}.`);
  });

  it('may say that it is not encoded, or name an encoding of nothing', async () => {
    const { app } = await orderApp();
    const identity = { 'content-encoding': 'identity' };
    const plain = await app.inject({ method: 'POST', url: '/orders', payload: valid, headers: identity });
    expect(plain.statusCode).toBe(201);
    const headers = { 'content-encoding': 'gzip' };
    const nothing = await app.inject({ method: 'POST', url: '/orders/1/deliver', headers });
    expect(nothing.statusCode).toBe(200);
    const nowhere = await app.inject({ method: 'POST', url: '/nowhere', payload: 'x', headers });
    expect(nowhere.statusCode).toBe(404);
  });
});
