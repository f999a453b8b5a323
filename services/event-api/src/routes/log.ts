import type { EventStore } from '@headrace/event-store';
import { type HttpApp, responses } from '@headrace/service-kit';
import { z } from 'zod';
import { LogCursor } from '../events/cursor.ts';
import { readLogPage } from '../events/log-page.ts';
import { eventSchema } from '../events/present-event.ts';
import { success, successOf } from '../http/answer.ts';
import { TAGS } from '../http/descriptions.ts';
import { limitText, PAGE, timeText } from '../http/fields.ts';

const query = z.strictObject({
  category: z.string().min(1).max(256).optional().describe('such as `order`'),
  type: z
    .string()
    .min(1)
    .max(2_000)
    .transform((types) => types.split(','))
    .optional()
    .describe('event types, separated by commas'),
  since: timeText.optional().describe('recorded at or after this time, ISO 8601 with Z or an offset'),
  cursor: z.string().max(40_000).optional().describe('from the last answer, with the same filters'),
  limit: limitText,
});

const logPageSchema = z
  .object({
    events: z
      .array(eventSchema)
      .describe('an effect after its cause; unrelated events of one millisecond in no promised order'),
    hasMore: z
      .boolean()
      .describe('false: the end of the log is reached. True, even without events: more is to be looked at'),
    cursor: z.string().describe('go on from here, now or when there is something new; nothing is skipped'),
  })
  .meta({ id: 'LogPage' });

/** `GET /api/events`, across all streams. */
export function registerLog(app: HttpApp, store: EventStore): void {
  app.get(
    '/api/events',
    {
      schema: {
        tags: [TAGS.events],
        summary: 'The events of all streams, by category, type and time',
        querystring: query,
        response: responses({ 200: successOf(logPageSchema) }, 400, 503),
      },
    },
    async (request) => {
      const { category, type, since, cursor: given, limit = PAGE.default } = request.query;
      const { partitions } = store;
      const cursor = given === undefined ? new LogCursor(partitions) : LogCursor.parse(given, partitions);
      const page = await readLogPage(store, cursor, { category, types: type, sinceMs: since, limit });
      return success({ ...page, cursor: cursor.toString() });
    },
  );
}
