import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { appForTests } from '../../test/app-for-tests.ts';
import { responses } from './responses.ts';

const orderSchema = z.object({ orderId: z.string(), at: z.iso.datetime() }).meta({ id: 'OpenApiTestOrder' });
z.object({ unused: z.string() }).meta({ id: 'OpenApiTestUnused' });

async function documentedApp() {
  const { app } = await appForTests({ name: 'order-api', description: 'Orders' });
  const schema = {
    summary: 'Places an order',
    body: z.strictObject({ userId: z.string(), quantity: z.int().default(1) }),
    response: responses({ 201: orderSchema }, 409, 422),
  };
  app.post(
    '/orders/:id',
    { schema: { ...schema, params: z.object({ id: z.string() }) } },
    async (_request, reply) => reply.code(201).send({ orderId: 'o', at: '2026-01-15T14:00:00Z' }),
  );
  return app;
}

describe('documentation', () => {
  it('describes routes from their schemas, with problems as errors', async () => {
    const app = await documentedApp();
    const document = (await app.inject({ url: '/docs/json' })).json();
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'order-api', version: '1.2.3', description: 'Orders' },
    });
    const { post } = document.paths['/orders/{id}'];
    expect(post.requestBody.content['application/json'].schema).toMatchObject({
      additionalProperties: false,
      required: ['userId'],
    });
    const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
    expect(post.responses).toMatchObject({
      201: { content: { 'application/json': { schema: { $ref: '#/components/schemas/OpenApiTestOrder' } } } },
      409: { content: problem },
      default: { content: problem },
    });
    expect(Object.keys(document.components.schemas)).toEqual(['OpenApiTestOrder', 'Problem']);
    expect(Object.keys(document.paths).sort()).toEqual(['/health/live', '/health/ready', '/orders/{id}']);
  });

  it('serves a page whose assets come from its own origin', async () => {
    const app = await documentedApp();
    const page = await app.inject({ url: '/docs' });
    expect(page.headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
    const assets = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, asset]) => asset ?? '');
    expect(assets.length).toBeGreaterThan(3);
    for (const asset of assets) {
      expect(asset).not.toMatch(/^(?:https?:)?\/\//);
      const url = new URL(asset, 'http://localhost/docs').pathname;
      expect((await app.inject({ url })).statusCode, asset).toBe(200);
    }
  });

  it('checks answers against their schema when told to', async () => {
    const { app } = await appForTests({ verifyResponses: true });
    const wrong: unknown = { orderId: 5 };
    app.get('/wrong', { schema: { response: { 200: z.unknown().pipe(orderSchema) } } }, () => wrong as never);
    expect((await app.inject({ url: '/wrong' })).statusCode).toBe(500);
  });
});
