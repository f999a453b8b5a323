import { retireVersion, setPaused, startBuild } from '@headrace/projections';
import { type HttpApp, ProblemError, problem, requestContext, responses } from '@headrace/service-kit';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { entryOf, knownVersion, stateOf } from '../control/find-projection.ts';
import { rollBack, switchTo } from '../control/switch.ts';
import { buildSchema, pausedSchema, retiringSchema, switchedSchema } from './projection-schemas.ts';
import type { RouteDeps } from './route-deps.ts';

const TAGS = ['projections'];
const params = z.object({ id: z.string().max(100) });
const versionOf = z.coerce.number().int().min(1).max(1_000_000);

/**
 * `POST /api/projections/{id}/rebuild`, `/switch`, `/rollback`, `/pause`, `/resume`, `DELETE …/versions/{version}`.
 * What is asked of one instance is kept in the database, where all notice it within a second.
 */
export function registerProjectionControl(app: HttpApp, deps: RouteDeps): void {
  registerRebuild(app, deps);
  registerSwitch(app, deps);
  registerRollback(app, deps);
  registerPause(app, deps, 'pause');
  registerPause(app, deps, 'resume');
  registerRetire(app, deps);
}

function registerRebuild(app: HttpApp, deps: RouteDeps): void {
  app.post(
    '/api/projections/:id/rebuild',
    {
      schema: {
        tags: TAGS,
        summary: 'Makes the read model anew from the log, as a new version beside the live one',
        description:
          'Queries are answered from the live version until the switch. The progress is in `GET /api/projections/{id}`.',
        params,
        querystring: z.strictObject({
          switch: z
            .enum(['auto', 'manual'])
            .default('auto')
            .describe('`auto`: switch as soon as it has caught up; `manual`: wait for `POST …/switch`'),
        }),
        response: responses({ 202: buildSchema }, 400, 404, 409, 503),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const how = request.query.switch;
      const { projection } = await entryOf(deps.database, id);
      if ((await stateOf(deps.database, id)).paused) throw isPaused();
      const when = how === 'auto' ? 'caught-up' : 'asked';
      const version = await startBuild(deps.database, projection, when);
      note(app, request, { projection: id, version }, 'rebuild of a projection begun');
      void deps.runner.refresh();
      reply.header('Location', `/api/projections/${id}`);
      return reply.code(202).send({ id, version, switch: how });
    },
  );
}

function isPaused(): ProblemError {
  const detail = 'Nothing would be built while the projection is paused: resume it first.';
  return new ProblemError(problem(409, 'projection-paused', 'Projection is paused', { detail }));
}

function registerSwitch(app: HttpApp, deps: RouteDeps): void {
  app.post(
    '/api/projections/:id/switch',
    {
      schema: {
        tags: TAGS,
        summary: 'Answers queries from another version from now on',
        description:
          'Refused (409) unless that version has seen as much of the log as the active one, and nothing of it is parked.',
        params,
        querystring: z.strictObject({
          version: versionOf.optional().describe('default the version that is being built'),
        }),
        response: responses({ 200: switchedSchema }, 400, 404, 409, 503),
      },
    },
    async (request) => {
      const { id } = request.params;
      const switched = await switchTo(deps, id, request.query.version);
      note(app, request, { projection: id, ...switched }, 'projection switched');
      return switched;
    },
  );
}

function registerRollback(app: HttpApp, deps: RouteDeps): void {
  app.post(
    '/api/projections/:id/rollback',
    {
      schema: {
        tags: TAGS,
        summary: 'Answers queries from the version again that was active before',
        params,
        response: responses({ 200: switchedSchema }, 400, 404, 409, 503),
      },
    },
    async (request) => {
      const { id } = request.params;
      const switched = await rollBack(deps, id);
      note(app, request, { projection: id, ...switched }, 'projection rolled back');
      return switched;
    },
  );
}

function registerPause(app: HttpApp, deps: RouteDeps, verb: 'pause' | 'resume'): void {
  const paused = verb === 'pause';
  app.post(
    `/api/projections/:id/${verb}`,
    {
      schema: {
        tags: TAGS,
        summary: paused
          ? 'Lets a projection stand still, in all instances and after restarts too'
          : 'Lets a paused projection go on',
        params,
        response: responses({ 200: pausedSchema, 202: pausedSchema }, 400, 404, 409, 503),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await stateOf(deps.database, id);
      const changed = await setPaused(deps.database, id, paused);
      if (changed)
        note(app, request, { projection: id }, paused ? 'projection paused' : 'projection resumed');
      void deps.runner.refresh();
      return reply.code(changed ? 202 : 200).send({ id, paused });
    },
  );
}

function registerRetire(app: HttpApp, deps: RouteDeps): void {
  app.delete(
    '/api/projections/:id/versions/:version',
    {
      schema: {
        tags: TAGS,
        summary: 'Removes a version: its table, its checkpoints and its consumer group',
        params: params.extend({ version: versionOf }),
        response: responses({ 202: retiringSchema }, 400, 404, 409, 503),
      },
    },
    async (request, reply) => {
      const { id, version } = request.params;
      knownVersion(await stateOf(deps.database, id), version);
      await retireVersion(deps.database, { name: id, version });
      note(app, request, { projection: id, version }, 'version of a projection retired');
      void deps.runner.refresh();
      return reply.code(202).send({ id, version, state: 'retiring' as const });
    },
  );
}

function note(app: HttpApp, request: FastifyRequest, what: object, message: string): void {
  const { actor, correlationId } = requestContext(request);
  app.log.info({ ...what, actor, correlationId }, message);
}
