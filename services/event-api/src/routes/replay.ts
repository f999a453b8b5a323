import { TIMELINES, type Timeline } from '@headrace/event-schema';
import { type EventStore, VersionBeyondEndError } from '@headrace/event-store';
import { type HttpApp, InvalidRequestError, notFound, responses } from '@headrace/service-kit';
import { z } from 'zod';
import { readStreamPage } from '../events/stream-page.ts';
import { success, successOf } from '../http/answer.ts';
import { TAGS } from '../http/descriptions.ts';
import { limitText, PAGE, streamPath, timeSchema } from '../http/fields.ts';
import { currentVersionOf, stateOf } from '../states/stream-state.ts';
import { continuation, streamPageSchema } from './reading.ts';

const body = z
  .strictObject({
    fromVersion: z.int().min(0).default(0).describe('exclusive; the state is whole whatever this is'),
    toVersion: z.int().min(1).optional().describe('inclusive; default the end'),
    at: timeSchema.optional().describe('in place of toVersion: a time, inclusive'),
    by: z
      .enum(TIMELINES)
      .optional()
      .describe(
        'the time that `at` goes by. `recorded`, the default: what was known then. `occurred`: what had happened by ' +
          'then, in business time; an event counts once it and all before it in the stream have occurred',
      ),
  })
  .refine(({ at, by }) => by === undefined || at !== undefined, { path: ['by'], message: 'goes with at' })
  .meta({
    examples: [
      {},
      { toVersion: 3 },
      { fromVersion: 1, at: '2026-01-15T14:00:00Z' },
      { at: '2019-03-01T12:00:00Z', by: 'occurred' },
    ],
  });
type Body = z.output<typeof body>;

const replaySchema = streamPageSchema
  .extend({
    toVersion: z.int().describe('the end point'),
    finalState: z
      .unknown()
      .describe(
        'the whole state at the end point: by the fold of the category, with money as decimal numbers, or the data of all events laid over each other',
      ),
  })
  .meta({ id: 'Replay' });

/** `POST /api/events/:streamId/replay`. */
export function registerReplay(app: HttpApp, store: EventStore): void {
  app.post(
    '/api/events/:streamId/replay',
    {
      schema: {
        tags: [TAGS.events],
        summary: 'Events up to a point, and the state that all of them up to there lead to',
        description:
          'Events are paged as in reading a stream: go on with `fromVersion` = `nextVersion`. Every page has the same finalState.',
        params: streamPath,
        querystring: z.strictObject({ limit: limitText }),
        body,
        response: responses({ 200: successOf(replaySchema) }, 400, 404, 503),
      },
    },
    async (request) => {
      const { streamId } = request.params;
      const { limit = PAGE.default } = request.query;
      const { fromVersion } = request.body;
      const currentVersion = await currentVersionOf(store, streamId);
      const toVersion = await endPoint(store, streamId, currentVersion, request.body);
      const { shown: finalState } = await stateOf(streamId).load(store, streamId, { version: toVersion });
      const events =
        fromVersion === toVersion
          ? []
          : await readStreamPage(store, streamId, { first: fromVersion + 1, last: toVersion, limit });
      const next = continuation(events, toVersion);
      return success({ streamId, currentVersion, toVersion, events, ...next, finalState });
    },
  );
}

async function endPoint(
  store: EventStore,
  streamId: string,
  currentVersion: number,
  { fromVersion, toVersion, at, by = 'recorded' }: Body,
): Promise<number> {
  if (at !== undefined && toVersion !== undefined) throw invalid('at', 'cannot go with toVersion');
  const beyond = [fromVersion, toVersion ?? 0].find((version) => version > currentVersion);
  if (beyond !== undefined) throw new VersionBeyondEndError(streamId, beyond, currentVersion);
  const end =
    at === undefined ? (toVersion ?? currentVersion) : await store.versionAt(streamId, Date.parse(at), by);
  if (end === 0) throw notFound(nothingBy(streamId, by));
  if (fromVersion > end) throw invalid('fromVersion', `is after the end point, version ${end}`);
  return end;
}

function nothingBy(streamId: string, by: Timeline): string {
  return by === 'recorded'
    ? `No event of stream "${streamId}" had been recorded by then; by: "occurred" asks in business time.`
    : `Stream "${streamId}" had not begun by then.`;
}

function invalid(path: string, message: string): InvalidRequestError {
  return new InvalidRequestError([{ in: 'body', path, message }]);
}
