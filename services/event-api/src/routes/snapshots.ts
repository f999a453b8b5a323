import { type EventStore, type Snapshot, StreamNotFoundError } from '@headrace/event-store';
import { type HttpApp, responses } from '@headrace/service-kit';
import { z } from 'zod';
import { success, successOf } from '../http/answer.ts';
import { TAGS } from '../http/descriptions.ts';
import { streamIdSchema, streamPath } from '../http/fields.ts';
import { currentVersionOf, type StreamState, stateOf } from '../states/stream-state.ts';

const snapshotSchema = z
  .object({
    version: z.int().describe('of the stream that the state is of'),
    foldVersion: z.int().describe('of the fold that made it; 0 where event data was merged'),
    usable: z.boolean().describe('false: of an old fold, or above the version of the stream; never loaded'),
    state: z.unknown(),
  })
  .meta({ id: 'Snapshot' });

const saveBody = z
  .strictObject({ streamId: streamIdSchema })
  .meta({ examples: [{ streamId: 'account:ACC-001' }] });

/** `POST /api/snapshots` and `GET /api/snapshots/:streamId`. */
export function registerSnapshots(app: HttpApp, store: EventStore): void {
  app.post(
    '/api/snapshots',
    {
      schema: {
        tags: [TAGS.snapshots],
        summary: 'Folds a stream and keeps its state, which later loads start from',
        body: saveBody,
        response: responses(
          { 201: successOf(z.object({ streamId: z.string(), ...snapshotSchema.shape })) },
          400,
          404,
          503,
        ),
      },
    },
    async (request, reply) => {
      const { streamId } = request.body;
      const streamState = stateOf(streamId);
      const { state, version } = await streamState.load(store, streamId);
      if (version === 0) throw new StreamNotFoundError(streamId);
      const snapshot = { version, foldVersion: streamState.foldVersion, state };
      await store.saveSnapshot(streamId, snapshot);
      reply.code(201).header('location', `/api/snapshots/${encodeURIComponent(streamId)}`);
      return success({ streamId, ...presentSnapshot(streamState, version, snapshot) });
    },
  );
  registerList(app, store);
}

function registerList(app: HttpApp, store: EventStore): void {
  app.get(
    '/api/snapshots/:streamId',
    {
      schema: {
        tags: [TAGS.snapshots],
        summary: 'The snapshots that are kept of a stream, newest first',
        params: streamPath,
        response: responses(
          {
            200: successOf(
              z.object({
                streamId: z.string(),
                currentVersion: z.int(),
                snapshots: z.array(snapshotSchema),
              }),
            ),
          },
          400,
          404,
          503,
        ),
      },
    },
    async (request) => {
      const { streamId } = request.params;
      const currentVersion = await currentVersionOf(store, streamId);
      const kept = await store.listSnapshots(streamId);
      const streamState = stateOf(streamId);
      const snapshots = kept.map((snapshot) => presentSnapshot(streamState, currentVersion, snapshot));
      return success({ streamId, currentVersion, snapshots });
    },
  );
}

function presentSnapshot(
  { foldVersion: current, presentKept }: StreamState,
  currentVersion: number,
  { version, foldVersion, state }: Snapshot,
): z.output<typeof snapshotSchema> {
  const usable = foldVersion === current && version <= currentVersion;
  return { version, foldVersion, usable, state: presentKept(state) };
}
