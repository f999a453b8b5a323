import { type EventStore, VersionBeyondEndError } from '@headrace/event-store';
import { type HttpApp, responses, setEntityTag } from '@headrace/service-kit';
import { z } from 'zod';
import { eventSchema, type PresentedEvent } from '../events/present-event.ts';
import { readStreamPage, type StreamRange } from '../events/stream-page.ts';
import { success, successOf } from '../http/answer.ts';
import { TAGS } from '../http/descriptions.ts';
import { limitText, PAGE, streamPath, versionText } from '../http/fields.ts';
import { currentVersionOf } from '../states/stream-state.ts';

const query = z.strictObject({
  limit: limitText,
  direction: z.enum(['forwards', 'backwards']).default('forwards'),
});
type Query = z.output<typeof query>;

export const streamPageSchema = z
  .object({
    streamId: z.string(),
    currentVersion: z.int().describe('of the whole stream, also in ETag'),
    events: z.array(eventSchema),
    hasMore: z.boolean(),
    nextVersion: z
      .int()
      .optional()
      .describe('the `fromVersion` to go on with, where there is more in this direction'),
  })
  .meta({ id: 'StreamPage' });

/** `GET /api/events/:streamId` and `GET /api/events/:streamId/:fromVersion`. */
export function registerReading(app: HttpApp, store: EventStore): void {
  const response = responses({ 200: successOf(streamPageSchema) }, 400, 404, 503);
  app.get(
    '/api/events/:streamId',
    {
      schema: {
        tags: [TAGS.events],
        summary: 'The events of a stream, from its beginning or its end',
        params: streamPath,
        querystring: query,
        response,
      },
    },
    async (request, reply) => {
      const page = await readPage(store, request.params.streamId, undefined, request.query);
      setEntityTag(reply, page.currentVersion);
      return success(page);
    },
  );
  app.get(
    '/api/events/:streamId/:fromVersion',
    {
      schema: {
        tags: [TAGS.events],
        summary: 'The events of a stream after a version, or before it when read backwards',
        params: z.object({ ...streamPath.shape, fromVersion: versionText.describe('exclusive') }),
        querystring: query,
        response,
      },
    },
    async (request, reply) => {
      const { streamId, fromVersion } = request.params;
      const page = await readPage(store, streamId, fromVersion, request.query);
      setEntityTag(reply, page.currentVersion);
      return success(page);
    },
  );
}

async function readPage(
  store: EventStore,
  streamId: string,
  fromVersion: number | undefined,
  { limit = PAGE.default, direction }: Query,
): Promise<z.output<typeof streamPageSchema>> {
  const currentVersion = await currentVersionOf(store, streamId);
  if (fromVersion !== undefined && fromVersion > currentVersion)
    throw new VersionBeyondEndError(streamId, fromVersion, currentVersion);
  const range = rangeOf(fromVersion, currentVersion, direction, limit);
  const events = range === undefined ? [] : await readStreamPage(store, streamId, range);
  return { streamId, currentVersion, events, ...continuation(events, range?.last) };
}

function rangeOf(
  fromVersion: number | undefined,
  currentVersion: number,
  direction: Query['direction'],
  limit: number,
): StreamRange | undefined {
  if (direction === 'forwards') {
    const first = (fromVersion ?? 0) + 1;
    return first > currentVersion ? undefined : { first, last: currentVersion, limit };
  }
  const first = fromVersion === undefined ? currentVersion : fromVersion - 1;
  return first < 1 ? undefined : { first, last: 1, limit };
}

/** Whether and where to go on, when events were to be read up to version `last`. */
export function continuation(
  events: readonly PresentedEvent[],
  last: number | undefined,
): { readonly hasMore: boolean; readonly nextVersion?: number } {
  const reached = events.at(-1)?.version;
  if (reached === undefined || reached === last) return { hasMore: false };
  return { hasMore: true, nextVersion: reached };
}
