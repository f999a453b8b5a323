import type { ConsumerAdmin } from '@headrace/consumer';
import { z } from 'zod';
import type { HttpApp } from '../http/http-app.ts';
import { requestContext } from '../http/request-context.ts';
import { responses } from '../openapi/responses.ts';
import { notFound } from '../problem/problem.ts';
import { cursorParameter, deadLetterPage } from './dead-letter-page.ts';
import { registerResync } from './register-resync.ts';
import { acceptedSchema, deadLettersSchema, groupsSchema } from './schemas.ts';

const TAGS = ['consumer groups'];

const streamName = z.string().min(1).max(256).describe('name of the stream, percent-encoded');
const groupFilter = z
  .string()
  .min(1)
  .max(256)
  .optional()
  .describe('one consumer group; default all of this service');
const limitOf = z.coerce
  .number()
  .int()
  .min(1)
  .max(1000)
  .default(100)
  .describe('most dead letters of a page; fewer come where their events are large; default 100');
const reasonOf = z.string().trim().min(1).max(500).describe('why the event may be dropped; kept for audit');

/**
 * How operators look into the service's consumer groups and mend them: `GET /consumer`, `GET /dead-letters`,
 * `POST /dead-letters/{stream}/retry`, `DELETE /dead-letters/{stream}/{eventId}`, `POST /consumer/resync`. The last
 * three are requests (202): the partition's owner, which may be another instance, carries them out in its loop.
 * Which groups there are may change while the service runs: each request looks at `admins` as it is by then.
 */
export function registerConsumerRoutes(app: HttpApp, admins: readonly ConsumerAdmin[]): void {
  registerReads(app, admins);
  registerRetry(app, admins);
  registerDiscard(app, admins);
  registerResync(app, admins);
}

function registerReads(app: HttpApp, admins: readonly ConsumerAdmin[]): void {
  app.get(
    '/consumer',
    {
      schema: {
        tags: TAGS,
        summary: 'State of the consumer groups in this instance',
        response: responses({ 200: groupsSchema }, 503),
      },
    },
    async () => ({ groups: await Promise.all(admins.map((admin) => admin.status())) }),
  );
  app.get(
    '/dead-letters',
    {
      schema: {
        tags: TAGS,
        summary: 'Parked events, in the order in which they would be retried',
        querystring: z.strictObject({ limit: limitOf, group: groupFilter, cursor: cursorParameter }),
        response: responses({ 200: deadLettersSchema }, 400, 404, 503),
      },
    },
    async ({ query }) => await deadLetterPage(select(admins, query.group), query.limit, query.cursor),
  );
}

function registerRetry(app: HttpApp, admins: readonly ConsumerAdmin[]): void {
  app.post(
    '/dead-letters/:stream/retry',
    {
      schema: {
        tags: TAGS,
        summary: "Asks to handle a stream's parked events again, in order",
        params: z.object({ stream: streamName }),
        querystring: z.strictObject({ group: groupFilter }),
        response: responses({ 202: acceptedSchema }, 400, 404, 503),
      },
    },
    async (request, reply) => {
      const { stream } = request.params;
      const groups = await askEach(select(admins, request.query.group), [stream], (admin) =>
        admin.requestRetry(stream),
      );
      if (groups.length === 0) throw notFound('Nothing of this stream is parked.', { stream });
      const { actor, correlationId } = requestContext(request);
      app.log.info({ stream, groups, actor, correlationId }, 'retry of a parked stream requested');
      return reply.code(202).send({ stream, groups });
    },
  );
}

function registerDiscard(app: HttpApp, admins: readonly ConsumerAdmin[]): void {
  app.delete(
    '/dead-letters/:stream/:eventId',
    {
      schema: {
        tags: TAGS,
        summary: 'Asks to drop one parked event for good',
        params: z.object({ stream: streamName, eventId: z.string().min(1).max(256) }),
        querystring: z.strictObject({ reason: reasonOf, group: groupFilter }),
        response: responses({ 202: acceptedSchema }, 400, 404, 503),
      },
    },
    async (request, reply) => {
      const { stream, eventId } = request.params;
      const { reason, group } = request.query;
      const groups = await askEach(select(admins, group), [stream, eventId], (admin) =>
        admin.requestDiscard(stream, eventId, reason),
      );
      if (groups.length === 0) throw notFound('This event is not parked.', { stream, eventId });
      const { actor, correlationId } = requestContext(request);
      app.log.info(
        { stream, eventId, groups, reason, actor, correlationId },
        'discard of a parked event requested',
      );
      return reply.code(202).send({ stream, eventId, groups });
    },
  );
}

function select(admins: readonly ConsumerAdmin[], group: string | undefined): readonly ConsumerAdmin[] {
  if (group === undefined) return admins;
  const chosen = admins.filter((admin) => admin.group === group);
  if (chosen.length > 0) return chosen;
  throw notFound('This service has no such consumer group.', {
    group,
    known: admins.map((admin) => admin.group),
  });
}

/** The groups that have taken the request on: none for names with a NUL, which none has, and PostgreSQL does not take. */
async function askEach(
  admins: readonly ConsumerAdmin[],
  names: readonly string[],
  ask: (admin: ConsumerAdmin) => Promise<boolean>,
): Promise<string[]> {
  if (names.some((name) => name.includes('\0'))) return [];
  const answers = await Promise.all(admins.map(async (admin) => ((await ask(admin)) ? [admin.group] : [])));
  return answers.flat();
}
