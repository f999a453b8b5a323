import { type HttpApp, responses } from '@headrace/service-kit';
import { auditPageSchema, auditParametersOf, listEvents } from '../queries/audit.ts';
import { readModelFor, refuseEventStore } from './prepare-query.ts';
import { QUERY_TAGS } from './query-page.ts';
import type { RouteDeps } from './route-deps.ts';

/** `GET /api/queries/audit`. */
export function registerAudit(app: HttpApp, deps: RouteDeps): void {
  const { partitions } = deps.store;
  app.get(
    '/api/queries/audit',
    {
      schema: {
        tags: QUERY_TAGS,
        summary: 'Every event of the log, oldest first',
        description:
          'Pages skip nothing and repeat nothing, also while parts of the log are still on their way into the ' +
          'read model. Follow the log by coming back with `resumeCursor`.',
        querystring: auditParametersOf(partitions),
        response: responses({ 200: auditPageSchema }, 400, 409, 503, 504),
      },
    },
    async ({ query }, reply) => {
      refuseEventStore(query);
      const table = await readModelFor(deps, 'audit_log', query, reply);
      return await listEvents(deps.database, table, partitions, query);
    },
  );
}
