import { UnknownProjectionError } from '@headrace/projections';
import { type HttpApp, notFound, responses } from '@headrace/service-kit';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { allDeclared, declaredEntry } from '../catalogue.ts';
import { QUERIES } from '../queries/built-in.ts';
import {
  declaredParameters,
  declaredRowSchema,
  findDeclaredRow,
  listDeclaredRows,
  presentDeclared,
} from '../queries/declared.ts';
import type { WaitParameters } from '../queries/parameters.ts';
import { readModelFor } from './prepare-query.ts';
import type { RouteDeps } from './route-deps.ts';

/** `GET /api/queries/{queryId}`: the declared projections; the code's own queries have routes of their own. */
export function registerDeclaredQueries(app: HttpApp, deps: RouteDeps): void {
  app.get(
    '/api/queries/:queryId',
    {
      schema: {
        tags: ['queries'],
        summary: 'Rows of a declared projection: one by its key, or all, by key',
        description:
          'A projection that was declared with `POST /api/projections`. While it has not caught up yet, `lag` in ' +
          '`GET /api/projections/{id}` says how much is missing.',
        params: z.object({ queryId: z.string().max(100) }),
        querystring: declaredParameters,
        response: responses(
          {
            200: z.union([
              z.object({ data: declaredRowSchema }),
              z.object({
                data: z.array(declaredRowSchema),
                nextCursor: z.string().nullable().describe('where the next page begins; null after the last'),
              }),
            ]),
          },
          400,
          404,
          409,
          503,
          504,
        ),
      },
    },
    async ({ params: { queryId }, query }, reply) => {
      const entry = await declaredEntry(deps.database, queryId);
      if (entry === undefined) throw await noSuchQuery(deps);
      const table = await tableOf(deps, queryId, query, reply);
      const { key } = query;
      if (key === undefined)
        return await listDeclaredRows(deps.database, table, entry.declared.declaration, query);
      const row = await findDeclaredRow(deps.database, table, key);
      if (row === null) throw noSuchRow(key);
      return { data: presentDeclared(row) };
    },
  );
}

/** @throws ProblemError (404) for a projection that is removed meanwhile */
async function tableOf(
  deps: RouteDeps,
  id: string,
  wait: WaitParameters,
  reply: FastifyReply,
): Promise<string> {
  try {
    return await readModelFor(deps, id, wait, reply);
  } catch (error) {
    throw error instanceof UnknownProjectionError ? await noSuchQuery(deps) : error;
  }
}

function noSuchRow(key: string) {
  return notFound('There is no row of this key, or it is not here yet (see wait_for).', { key });
}

async function noSuchQuery({ database }: RouteDeps) {
  const declared = (await allDeclared(database)).map((entry) => entry.declared.id);
  const known = [...QUERIES, ...declared];
  return notFound(`There is no such query. Known are: ${known.join(', ')}.`, { known });
}
