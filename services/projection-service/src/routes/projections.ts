import { type HttpApp, responses } from '@headrace/service-kit';
import { z } from 'zod';
import { noSuchProjection } from '../control/state.ts';
import { projectionStatuses } from '../progress/projection-status.ts';
import { projections } from '../projections/all.ts';
import type { RouteDeps } from './deps.ts';
import { projectionSchema } from './projection-schemas.ts';

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
    async () => ({ data: await projectionStatuses(deps, projections), nextCursor: null }),
  );
  app.get(
    '/api/projections/:id',
    {
      schema: {
        tags: TAGS,
        summary: 'One projection with its versions: position, lag, and how a rebuild is getting on',
        params: z.object({ id: z.string().max(100) }),
        response: responses({ 200: projectionSchema }, 404, 503),
      },
    },
    async ({ params: { id } }) => {
      const [status] = await projectionStatuses(
        deps,
        projections.filter(({ name }) => name === id),
      );
      if (status !== undefined) return status;
      throw noSuchProjection();
    },
  );
}
