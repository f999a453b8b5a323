import type { Database } from '@headrace/postgres';
import { type Materialised, materialised, UnknownProjectionError } from '@headrace/projections';
import { type HttpApp, notFound, responses } from '@headrace/service-kit';
import { z } from 'zod';
import { allProjections, type CatalogueEntry } from '../catalogue.ts';
import { eventIdSchema } from '../queries/parameters.ts';
import type { RouteDeps } from './route-deps.ts';

const STATES = { yes: 'materialized', 'not-yet': 'pending', parked: 'parked' } as const satisfies Record<
  Materialised,
  string
>;

const statusSchema = z
  .object({
    eventId: z.string(),
    materialized: z.boolean().describe('whether every projection has it'),
    projections: z.record(z.string(), z.enum(STATES)),
  })
  .meta({
    id: 'EventStatus',
    examples: [
      {
        eventId: '3-1732150000000-0',
        materialized: false,
        projections: { orders: 'materialized', audit_log: 'materialized', daily_summary: 'pending' },
      },
    ],
  });

/** `GET /api/events/{eventId}/status`: which read models have an event. */
export function registerEventStatus(app: HttpApp, { store, database }: RouteDeps): void {
  app.get(
    '/api/events/:eventId/status',
    {
      schema: {
        tags: ['events'],
        summary: 'Which read models have an event',
        description: 'An event that a projection has no use for counts as materialized once it is passed.',
        params: z.object({ eventId: eventIdSchema }),
        response: responses({ 200: statusSchema }, 400, 404, 503),
      },
    },
    async ({ params: { eventId } }) => {
      if ((await store.readEvent(eventId)) === null)
        throw notFound('The log has no such event.', { eventId });
      const projections = await allProjections(database);
      const found = await Promise.all(projections.map((entry) => stateIn(database, eventId, entry)));
      const states = found.flat();
      return {
        eventId,
        materialized: states.every(({ state }) => state === 'yes'),
        projections: Object.fromEntries(states.map(({ name, state }) => [name, STATES[state]])),
      };
    },
  );
}

interface StateIn {
  readonly name: string;
  readonly state: Materialised;
}

/** None of a declared projection that has been removed since it was listed. */
async function stateIn(
  database: Database<unknown>,
  eventId: string,
  { projection: { name }, declared }: CatalogueEntry,
): Promise<readonly StateIn[]> {
  try {
    return [{ name, state: await materialised(database, eventId, name) }];
  } catch (error) {
    if (declared !== undefined && error instanceof UnknownProjectionError) return [];
    throw error;
  }
}
