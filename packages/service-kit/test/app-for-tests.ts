import { Writable } from 'node:stream';
import { z } from 'zod';
import { buildHttpApp, type HttpAppOptions } from '../src/http/build-http-app.ts';
import { expectedVersionOf, markReplayed, setEntityTag } from '../src/http/preconditions.ts';
import { requestContext } from '../src/http/request-context.ts';
import { createLogger } from '../src/logging/create-logger.ts';
import { responses } from '../src/openapi/responses.ts';

/** An app that keeps its log lines in `log`, for tests of the kit itself. */
export async function appForTests(options: Partial<HttpAppOptions> = {}) {
  const log: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      log.push(String(chunk));
      done();
    },
  });
  const logger = createLogger({ service: 'test', instance: 'i', level: 'debug', destination });
  const app = await buildHttpApp({
    name: 'test',
    version: '1.2.3',
    logger,
    processMetrics: false,
    verifyResponses: true,
    ...options,
  });
  return { app, log };
}

const order = z.strictObject({ userId: z.string(), items: z.array(z.strictObject({ id: z.string() })) });

/** An app with a few routes that show what the kit does to requests and answers. */
export async function orderApp(options: Partial<HttpAppOptions> = {}) {
  const { app, log } = await appForTests(options);
  app.post(
    '/orders',
    { schema: { body: order, response: responses({ 201: z.object({ userId: z.string() }) }, 409) } },
    async (request, reply) => {
      setEntityTag(reply, 5);
      markReplayed(reply);
      return reply.code(201).send({ userId: request.body.userId });
    },
  );
  app.post(
    '/orders/:id/deliver',
    { schema: { body: z.strictObject({ signature: z.string().optional() }) } },
    (request) => request.body,
  );
  app.get('/context', (request) => requestContext(request));
  app.get('/pinned', (request) => ({ expected: expectedVersionOf(request) ?? 'none' }));
  app.get('/slow', () => new Promise((resolve) => setTimeout(resolve, 300, { late: true })));
  app.get('/streams/:name', (request) => request.params);
  return { app, log };
}
