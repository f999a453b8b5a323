import type { ConsumerAdmin } from '@headrace/consumer';
import { z } from 'zod';
import type { HttpApp } from '../http/http-app.ts';
import { responses } from '../openapi/responses.ts';
import { cursorParameter, deadLetterPage } from './dead-letter-page.ts';
import { registerRequests } from './register-requests.ts';
import { registerResync } from './register-resync.ts';
import { deadLettersSchema, groupsSchema, limitOf } from './schemas.ts';
import { groupFilter, selectGroups, TAGS } from './select-groups.ts';

/**
 * How operators look into the service's consumer groups and mend them: `GET /consumer`, `GET /dead-letters`, retry and
 * discard of one dead letter or of many, `GET /dead-letters/requests`, `POST /consumer/resync`. What changes something
 * is a request (202): the partition's owner, which may be another instance, carries it out in its loop. Which groups
 * there are may change while the service runs: each request looks at `admins` as it is by then.
 */
export function registerConsumerRoutes(app: HttpApp, admins: readonly ConsumerAdmin[]): void {
  registerReads(app, admins);
  registerRequests(app, admins);
  registerResync(app, admins);
}

function registerReads(app: HttpApp, admins: readonly ConsumerAdmin[]): void {
  app.get(
    '/consumer',
    {
      schema: {
        tags: TAGS,
        summary: 'State of the consumer groups in this instance',
        response: responses({ 200: groupsSchema }, 503),
      },
    },
    async () => ({ groups: await Promise.all(admins.map((admin) => admin.status())) }),
  );
  app.get(
    '/dead-letters',
    {
      schema: {
        tags: TAGS,
        summary: 'Parked events, in the order in which they would be retried',
        querystring: z.strictObject({
          limit: limitOf('dead letters of a page; fewer come where their events are large'),
          group: groupFilter,
          cursor: cursorParameter,
        }),
        response: responses({ 200: deadLettersSchema }, 400, 404, 503),
      },
    },
    async ({ query }) => {
      const chosen = selectGroups(admins, query.group);
      const totals = chosen.map(async (admin) => ({
        group: admin.group,
        ...(await admin.deadLetterTotals()),
      }));
      const page = await deadLetterPage(chosen, query.limit, query.cursor);
      return { ...page, totals: await Promise.all(totals) };
    },
  );
}
