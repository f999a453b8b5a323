import type { ConsumerAdmin, ResyncRequest } from '@headrace/consumer';
import { z } from 'zod';
import type { HttpApp } from '../http/http-app.ts';
import { requestContext } from '../http/request-context.ts';
import { responses } from '../openapi/responses.ts';
import { notFound, ProblemError, problem } from '../problem/problem.ts';
import { resyncAcceptedSchema } from './schemas.ts';

const querystring = z.strictObject({
  group: z.string().min(1).max(256).describe('consumer group'),
  partition: z.coerce.number().int().min(0).optional().describe('default every diverged partition'),
  how: z
    .enum(['rebuild', 'accept'])
    .describe(
      '`rebuild`: make all effects of the group anew from the log; `accept`: keep them, and go on after the last event that the log still has',
    ),
  reason: z.string().trim().min(1).max(500).describe('why; kept for audit'),
});

/**
 * `POST /consumer/resync`: what to do about partitions that have handled what the log has lost. A request (202): the
 * partitions' owners, which may be other instances, carry it out.
 */
export function registerResync(app: HttpApp, admins: readonly ConsumerAdmin[]): void {
  app.post(
    '/consumer/resync',
    {
      schema: {
        tags: ['consumer groups'],
        summary: 'Gets diverged partitions of a consumer group over what the log has lost',
        querystring,
        response: responses({ 202: resyncAcceptedSchema }, 400, 404, 409, 503),
      },
    },
    async (request, reply) => {
      const { group, partition, how, reason } = request.query;
      const { actor, correlationId } = requestContext(request);
      const asked: ResyncRequest = {
        how,
        reason,
        ...(partition === undefined ? {} : { partition }),
        ...(actor === undefined ? {} : { actor }),
      };
      const partitions = await ask(adminOf(admins, group), asked);
      app.log.info({ group, partitions, how, reason, actor, correlationId }, 'resync requested');
      return reply.code(202).send({ group, how, partitions });
    },
  );
}

function adminOf(admins: readonly ConsumerAdmin[], group: string): ConsumerAdmin {
  const admin = admins.find((one) => one.group === group);
  if (admin !== undefined) return admin;
  const known = admins.map((one) => one.group);
  throw notFound('This service has no such consumer group.', { group, known });
}

/** @throws ProblemError with 409 where there is nothing to resync, or not in this way */
async function ask(admin: ConsumerAdmin, request: ResyncRequest): Promise<readonly number[]> {
  const answer = await admin.requestResync(request);
  if (answer.status === 'requested') return answer.partitions;
  const [slug, title, detail] =
    answer.status === 'not-diverged'
      ? (['not-diverged', 'Not diverged', 'The log holds everything that this group has handled.'] as const)
      : (['resync-not-possible', 'Resync not possible', answer.why] as const);
  throw new ProblemError(problem(409, slug, title, { detail, group: admin.group }));
}
