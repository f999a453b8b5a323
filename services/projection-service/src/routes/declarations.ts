import { UnknownProjectionError } from '@headrace/projections';
import {
  type HttpApp,
  ProblemError,
  problem,
  requestContext,
  responses,
  unprocessable,
} from '@headrace/service-kit';
import { shopRegistry } from '@headrace/shop';
import { z } from 'zod';
import { isReserved } from '../catalogue.ts';
import { entryOf, noSuchProjection } from '../control/find-projection.ts';
import { fieldProblems } from '../declared/contract-fields.ts';
import { type Declaration, declarationBody, declarationOf } from '../declared/declaration.ts';
import { declare, undeclare } from '../declared/declarations.ts';
import { projectionStatus } from '../progress/projection-status.ts';
import { projectionSchema, removingSchema } from './projection-schemas.ts';
import type { RouteDeps } from './route-deps.ts';

const TAGS = ['projections'];

/** `POST /api/projections` and `DELETE /api/projections/{id}`: read models without code. */
export function registerDeclarations(app: HttpApp, deps: RouteDeps): void {
  registerDeclare(app, deps);
  registerRemove(app, deps);
}

function registerDeclare(app: HttpApp, deps: RouteDeps): void {
  app.post(
    '/api/projections',
    {
      schema: {
        tags: TAGS,
        summary: 'Declares a projection: one row for each value of a field, merged, counted or summed up',
        description:
          'It is kept in the database, is filled from the beginning of the log by all instances together, and is ' +
          'queried with `GET /api/queries/{projectionId}`. Everything that the other projections take, it takes: ' +
          'rebuild, pause, roll-back. The same declaration again changes nothing (200), with or without an ' +
          '`Idempotency-Key`; not its `name` either, which may be another one and stays the first. A merged row ' +
          'holds up to 1 MiB; an event that would make it larger is parked. Events without a usable field are in no row, and counted under `declaration.skipped`.',
        body: declarationBody,
        response: responses({ 200: projectionSchema, 201: projectionSchema }, 400, 409, 422, 503),
      },
    },
    async (request, reply) => {
      const { projectionId: id, ...given } = request.body;
      if (isReserved(id)) throw isTaken(id);
      const declaration = declarationOf(given);
      assertPossible(declaration);
      const { actor, correlationId } = requestContext(request);
      const isNew = await declare(deps.database, id, declaration, actor);
      if (isNew)
        app.log.info({ projection: id, ...declaration, actor, correlationId }, 'projection declared');
      void deps.runner.refresh();
      reply.header('Location', `/api/projections/${id}`);
      const status = await projectionStatus(deps, await entryOf(deps.database, id));
      return reply.code(isNew ? 201 : 200).send(status);
    },
  );
}

function registerRemove(app: HttpApp, deps: RouteDeps): void {
  app.delete(
    '/api/projections/:id',
    {
      schema: {
        tags: TAGS,
        summary: 'Removes a declared projection with all its versions',
        description: 'Its tables and consumer groups go once no instance works on them any more.',
        params: z.object({ id: z.string().max(100) }),
        response: responses({ 202: removingSchema }, 400, 404, 409, 503),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (isReserved(id)) throw isTaken(id);
      await undeclareKnown(deps, id);
      const { actor, correlationId } = requestContext(request);
      app.log.info({ projection: id, actor, correlationId }, 'declared projection removed');
      void deps.runner.refresh();
      return reply.code(202).send({ id, state: 'retiring' as const });
    },
  );
}

/** Does not read the declaration first, so that an unreadable one can be removed too. */
async function undeclareKnown({ database }: RouteDeps, id: string): Promise<void> {
  try {
    await undeclare(database, id);
  } catch (error) {
    throw error instanceof UnknownProjectionError ? await noSuchProjection(database) : error;
  }
}

function isTaken(id: string): ProblemError {
  const detail = `"${id}" is a projection or query of this service itself: choose another id.`;
  return new ProblemError(problem(409, 'projection-built-in', 'Projection is built in', { detail }));
}

/** @throws ProblemError (422) for what the contracts of the event types rule out */
function assertPossible(declaration: Declaration): void {
  const { eventTypes } = declaration;
  const contracts = shopRegistry.contracts.filter(({ type }) => eventTypes.includes(type));
  const unknown = eventTypes.filter((type) => contracts.every((contract) => contract.type !== type));
  if (unknown.length > 0) {
    const known = shopRegistry.contracts.map(({ type }) => type);
    const errors = unknown.map((type) => ({
      in: 'body' as const,
      path: 'eventTypes',
      message: `"${type}" is no registered event type`,
    }));
    throw unprocessable(`There is no event type ${unknown.join(', ')}. Known are: ${known.join(', ')}.`, {
      known,
      errors,
    });
  }
  const errors = fieldProblems(declaration, contracts);
  if (errors.length > 0) throw unprocessable('The event types do not have these fields.', { errors });
}
