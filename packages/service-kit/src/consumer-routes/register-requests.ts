import type { Asker, ConsumerAdmin } from '@headrace/consumer';
import { definedOnly } from '@headrace/event-schema';
import { z } from 'zod';
import type { HttpApp } from '../http/http-app.ts';
import { type RequestLike, requestContext } from '../http/request-context.ts';
import { responses } from '../openapi/responses.ts';
import { notFound } from '../problem/problem.ts';
import {
  acceptedSchema,
  causeSchema,
  discardsAcceptedSchema,
  limitOf,
  requestsSchema,
  retriesAcceptedSchema,
} from './schemas.ts';
import { groupFilter, groupName, selectGroups, TAGS } from './select-groups.ts';

const streamName = z.string().min(1).max(256).describe('name of the stream, percent-encoded');
const reasonOf = z.string().trim().min(1).max(500).describe('why the events may be dropped; kept for audit');
const filter = {
  cause: causeSchema.optional().describe('only those that are parked for this cause; default any'),
  error: z.string().min(1).max(200).optional().describe('only those whose error contains this; default any'),
};

/** What operators ask for about dead letters, and what has become of it. */
export function registerRequests(app: HttpApp, admins: readonly ConsumerAdmin[]): void {
  registerRetry(app, admins);
  registerDiscard(app, admins);
  registerRetries(app, admins);
  registerDiscards(app, admins);
  app.get(
    '/dead-letters/requests',
    {
      schema: {
        tags: TAGS,
        summary:
          'What was asked for about dead letters, and what has become of it: what is open first, then the latest',
        querystring: z.strictObject({
          limit: limitOf('requests of each group'),
          group: groupFilter,
          stream: streamName.optional().describe('only those about this stream'),
          state: z.enum(['open', 'done']).optional().describe('only those; default both'),
        }),
        response: responses({ 200: requestsSchema }, 400, 404, 503),
      },
    },
    async ({ query }) => {
      const { limit, group, stream, state } = query;
      const meant = definedOnly({ stream, isOpen: state === undefined ? undefined : state === 'open' });
      const requests = selectGroups(admins, group).map(async (admin) =>
        (await admin.requests(limit, meant)).map((request) => ({ group: admin.group, ...request })),
      );
      return { requests: (await Promise.all(requests)).flat() };
    },
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
      const groups = await askEach(selectGroups(admins, request.query.group), [stream], (admin) =>
        admin.requestRetry(stream, askerOf(request)),
      );
      if (groups.length === 0) throw notFound('Nothing of this stream is parked.', { stream });
      app.log.info({ stream, groups, ...whoAsks(request) }, 'retry of a parked stream requested');
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
      const groups = await askEach(selectGroups(admins, group), [stream, eventId], (admin) =>
        admin.requestDiscard(stream, eventId, reason, askerOf(request)),
      );
      if (groups.length === 0) throw notFound('This event is not parked.', { stream, eventId });
      app.log.info(
        { stream, eventId, groups, reason, ...whoAsks(request) },
        'discard of a parked event requested',
      );
      return reply.code(202).send({ stream, eventId, groups });
    },
  );
}

function registerRetries(app: HttpApp, admins: readonly ConsumerAdmin[]): void {
  app.post(
    '/dead-letters/retry',
    {
      schema: {
        tags: TAGS,
        summary: 'Asks to handle the parked events of many streams again, each stream in its order',
        querystring: z.strictObject({ group: groupFilter, ...filter }),
        response: responses({ 202: retriesAcceptedSchema }, 400, 404, 503),
      },
    },
    async (request, reply) => {
      const { group, ...meant } = request.query;
      const groups = await Promise.all(
        selectGroups(admins, group).map(async (admin) => ({
          group: admin.group,
          streams: await admin.requestRetries(definedOnly(meant), askerOf(request)),
        })),
      );
      app.log.info({ groups, ...meant, ...whoAsks(request) }, 'retry of parked streams requested');
      return reply.code(202).send({ groups });
    },
  );
}

/** The group must be named: what is dropped is dropped for good. */
function registerDiscards(app: HttpApp, admins: readonly ConsumerAdmin[]): void {
  app.delete(
    '/dead-letters',
    {
      schema: {
        tags: TAGS,
        summary: 'Asks to drop many parked events of a group for good',
        querystring: z.strictObject({ group: groupName, reason: reasonOf, ...filter }),
        response: responses({ 202: discardsAcceptedSchema }, 400, 404, 503),
      },
    },
    async (request, reply) => {
      const { group, reason, ...meant } = request.query;
      const groups = await Promise.all(
        selectGroups(admins, group).map(async (admin) => ({
          group: admin.group,
          events: await admin.requestDiscards(definedOnly(meant), reason, askerOf(request)),
        })),
      );
      app.log.info({ groups, reason, ...meant, ...whoAsks(request) }, 'discard of parked events requested');
      return reply.code(202).send({ groups });
    },
  );
}

function askerOf(request: RequestLike): Asker {
  const { actor } = requestContext(request);
  return definedOnly({ actor });
}

function whoAsks(request: RequestLike): object {
  const { actor, correlationId } = requestContext(request);
  return { actor, correlationId };
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
