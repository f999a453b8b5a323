import { type HttpApp, notFound, responses } from '@headrace/service-kit';
import { z } from 'zod';
import { projectionStatuses } from '../progress/projection-status.ts';
import { projections } from '../projections/all.ts';
import type { RouteDeps } from './deps.ts';

const TAGS = ['projections'];

const projectionSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    version: z.int(),
    eventTypes: z.array(z.string()).readonly().describe('event types that it handles; `*` for all'),
    status: z
      .enum(['active', 'rebuilding', 'error'])
      .describe('`error`: parked events or a stopped partition wait for an operator; the rest goes on'),
    group: z.string().describe('its consumer group, as in /consumer and XINFO GROUPS'),
    lastProcessedPosition: z
      .record(z.string(), z.string().nullable())
      .describe('by partition, the last event that needs no more work; null before the first'),
    lag: z.int().nullable().describe('events of the log not handled yet; null while Redis cannot tell'),
    progress: z.object({
      handledEvents: z.int(),
      totalEvents: z.int().nullable(),
      percent: z.number().nullable(),
    }),
    parkedEvents: z.int(),
    updatedAt: z.iso.datetime().nullable().describe('when it last moved'),
  })
  .meta({
    id: 'ProjectionStatus',
    examples: [
      {
        id: 'orders',
        name: 'orders',
        description: 'Each order as it is now.',
        version: 1,
        eventTypes: ['OrderPlaced', 'PaymentReceived'],
        status: 'active',
        group: 'projection:orders:v1',
        lastProcessedPosition: { '0': '0-1732150000000-0', '1': null },
        lag: 0,
        progress: { handledEvents: 1000, totalEvents: 1000, percent: 100 },
        parkedEvents: 0,
        updatedAt: '2026-01-15T14:00:00.000Z',
      },
    ],
  });

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
        summary: 'One projection, with its position and lag',
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
      const known = projections.map(({ name }) => name);
      throw notFound(`There is no such projection. Known are: ${known.join(', ')}.`, { known });
    },
  );
}
