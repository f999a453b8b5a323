import { type HttpApp, responses } from '@headrace/service-kit';
import { z } from 'zod';
import { allProjections } from '../catalogue.ts';
import { entryOf } from '../control/find-projection.ts';
import { projectionStatus, projectionStatuses } from '../progress/projection-status.ts';
import { projectionSchema } from './projection-schemas.ts';
import type { RouteDeps } from './route-deps.ts';

const TAGS = ['projections'];

/** `GET /api/projections[/{id}]`: how the read models are doing. */
export function registerProjections(app: HttpApp, deps: RouteDeps): void {
  app.get(
    '/api/projections',
    {
      schema: {
        tags: TAGS,
        summary: 'Every projection, with its position and lag',
        response: responses(
          { 200: z.object({ data: z.array(projectionSchema).readonly(), nextCursor: z.null() }) },
          503,
        ),
      },
    },
    async () => ({
      data: await projectionStatuses(deps, await allProjections(deps.database)),
      nextCursor: null,
    }),
  );
  app.get(
    '/api/projections/:id',
    {
      schema: {
        tags: TAGS,
        summary: 'One projection with its versions: position, lag, and how a rebuild is getting on',
        params: z.object({ id: z.string().max(100) }),
        response: responses({ 200: projectionSchema }, 404, 409, 503),
      },
    },
    async ({ params: { id } }) => await projectionStatus(deps, await entryOf(deps.database, id)),
  );
}
