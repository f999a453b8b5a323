import { foldRow } from '@headrace/projections';
import { type HttpApp, InvalidRequestError, notFound, responses } from '@headrace/service-kit';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { CommonParameters } from '../queries/parameters.ts';
import { readModelFor, refuseEventStore } from '../routes/prepare-query.ts';
import { nextCursor, QUERY_TAGS } from '../routes/query-page.ts';
import type { RouteDeps } from '../routes/route-deps.ts';
import type { ReadModel } from './define-read-model.ts';
import { findOrListParametersOf, findParametersOf, idIn, listParametersOf } from './parameters.ts';
import { findRow, type ListParameters, listRows } from './queries.ts';

/** The two queries of a read model, as one route where they share their path. */
export function registerReadModel<State>(app: HttpApp, deps: RouteDeps, model: ReadModel<State>): void {
  if (model.find.query === model.list.query) registerFindOrList(app, deps, model);
  else {
    registerFind(app, deps, model);
    registerList(app, deps, model);
  }
}

function registerFind<State>(app: HttpApp, deps: RouteDeps, model: ReadModel<State>): void {
  app.get(
    `/api/queries/${model.find.query}`,
    {
      schema: {
        tags: QUERY_TAGS,
        summary: model.find.summary,
        description: fromTheLog('it'),
        querystring: findParametersOf(model),
        response: responses({ 200: foundOf(model) }, 400, 404, 409, 503, 504),
      },
    },
    async ({ query }, reply) => await answerFind(deps, model, query, reply),
  );
}

function registerList<State>(app: HttpApp, deps: RouteDeps, model: ReadModel<State>): void {
  app.get(
    `/api/queries/${model.list.query}`,
    {
      schema: {
        tags: QUERY_TAGS,
        summary: model.list.summary,
        querystring: listParametersOf(model),
        response: responses({ 200: listedOf(model) }, 400, 409, 503, 504),
      },
    },
    async ({ query }, reply) => await answerList(deps, model, query, reply),
  );
}

function registerFindOrList<State>(app: HttpApp, deps: RouteDeps, model: ReadModel<State>): void {
  const { find, noun } = model;
  app.get(
    `/api/queries/${find.query}`,
    {
      schema: {
        tags: QUERY_TAGS,
        summary: find.summary,
        description: fromTheLog(`the ${noun}`, ` and \`${find.parameter}\``),
        querystring: findOrListParametersOf(model),
        response: responses({ 200: z.union([foundOf(model), listedOf(model)]) }, 400, 404, 409, 503, 504),
      },
    },
    async ({ query }, reply) => {
      const isFind = idIn(query, find) !== undefined || query.source === 'event_store';
      return isFind
        ? await answerFind(deps, model, query, reply)
        : await answerList(deps, model, query, reply);
    },
  );
}

function fromTheLog(what: string, and = ''): string {
  return (
    `Needs PostgreSQL. With \`source=event_store\`${and} ${what} is folded from the log instead: that needs ` +
    'Redis only and is never behind, so `wait_for` has nothing to wait for.'
  );
}

function foundOf<State>({ view }: ReadModel<State>) {
  return z.object({ data: view.schema });
}

function listedOf<State>({ view, list: { totals } }: ReadModel<State>) {
  return z.object({
    data: z.array(view.schema),
    ...(totals === undefined ? {} : { totals: totals.schema }),
    nextCursor,
  });
}

async function answerFind<State>(
  deps: RouteDeps,
  model: ReadModel<State>,
  query: CommonParameters,
  reply: FastifyReply,
) {
  const { name, noun, find, view, projection } = model;
  const { parameter, streamOf } = find;
  const id = idIn(query, find);
  if (id === undefined) {
    const message = `is needed with source=event_store, which folds one ${noun}`;
    throw new InvalidRequestError([{ in: 'query', path: parameter, message }]);
  }
  const stream = streamOf(id);
  const row =
    query.source === 'event_store'
      ? await foldRow(projection, deps.store.readStream(stream), stream)
      : await findRow(deps.database, await readModelFor(deps, name, query, reply), model, stream);
  if (row === null) throw notFound(find.notFound, { [parameter]: id });
  return { data: view.present(row.state) };
}

async function answerList<State>(
  deps: RouteDeps,
  model: ReadModel<State>,
  query: CommonParameters & ListParameters,
  reply: FastifyReply,
) {
  refuseEventStore(query, `${model.find.query}, with ${model.find.parameter}`);
  const table = await readModelFor(deps, model.name, query, reply);
  return await listRows(deps.database, table, model, query);
}
