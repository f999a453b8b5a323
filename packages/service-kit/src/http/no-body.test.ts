import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { appForTests } from '../../test/app-for-tests.ts';

async function send(method: 'POST' | 'DELETE', payload?: string) {
  const { app } = await appForTests();
  const querystring = z.strictObject({
    switch: z.enum(['auto', 'manual']).default('auto'),
    at: z.string().optional(),
  });
  app.post('/things/:id/rebuild', { schema: { querystring } }, (request) => ({ how: request.query.switch }));
  app.delete('/things/:id/rebuild', () => ({ how: 'none' }));
  return await app.inject({
    method,
    url: '/things/1/rebuild',
    ...(payload === undefined ? {} : { payload, headers: { 'content-type': 'application/json' } }),
  });
}

describe('a route without a body', () => {
  it.each([undefined, '', '{}', ' {\n} '])('takes none, and one that says nothing: %j', async (payload) => {
    expect((await send('POST', payload)).json()).toEqual({ how: 'auto' });
    expect((await send('DELETE', payload)).json()).toEqual({ how: 'none' });
  });

  it('refuses what would be ignored, and says where parameters go', async () => {
    const response = await send('POST', '{"switch":"manual","force":true}');
    expect([response.statusCode, response.headers['content-type']]).toEqual([
      400,
      'application/problem+json',
    ]);
    expect(response.json()).toMatchObject({
      type: '/problems/invalid-request',
      detail: 'POST /things/:id/rebuild takes no body; its parameters are in the query: switch, at.',
      errors: [
        { in: 'body', path: 'switch', message: 'is not a known field' },
        { in: 'body', path: 'force', message: 'is not a known field' },
      ],
    });
  });

  it.each(['[]', 'null', '1', '"manual"', '[{}]'])('refuses %s', async (payload) => {
    for (const method of ['POST', 'DELETE'] as const) {
      const response = await send(method, payload);
      expect(response.statusCode).toBe(400);
      expect(response.json()).toMatchObject({ errors: [{ in: 'body', path: '' }] });
    }
  });
});
