import { definedOnly } from '@headrace/event-schema';
import type { AppendOptions, EventStore } from '@headrace/event-store';
import {
  type HttpApp,
  markWritten,
  pinnedBy,
  type RequestLike,
  requestContext,
  responses,
} from '@headrace/service-kit';
import { appendAnswer, appendAnswerSchema } from '../events/append-answer.ts';
import { type AppendBody, appendBody } from '../events/append-body.ts';
import { type AppendRequest, appendRequestOf } from '../events/append-request.ts';
import { success, successOf } from '../http/answer.ts';
import { causeOf } from '../http/causing-event.ts';
import { TAGS, writeHeaders } from '../http/descriptions.ts';

/** `POST /api/events`. What becomes of an event whose type has no contract is up to the store's registry. */
export function registerAppend(app: HttpApp, store: EventStore): void {
  app.post(
    '/api/events',
    {
      schema: {
        tags: [TAGS.events],
        summary: 'Appends an event, or several all or none, to a stream',
        headers: writeHeaders,
        body: appendBody,
        response: responses({ 201: successOf(appendAnswerSchema) }, 400, 409, 412, 413, 422, 503),
      },
    },
    async (request, reply) => {
      const { body } = request;
      const asked = appendRequestOf(body, requestContext(request));
      const options = await optionsOf(store, request, body, asked);
      if (options.idempotency !== undefined) store.assertAppendable(asked.stream, asked.events, options);
      const result = await store.underKey(options.idempotency, () =>
        store.appendChecked(asked.stream, asked.events, options),
      );
      markWritten(reply, result, options.idempotency);
      reply.code(201);
      return success(appendAnswer(result, asked.events, 'events' in body));
    },
  );
}

async function optionsOf(
  store: EventStore,
  request: RequestLike,
  body: AppendBody,
  { context }: AppendRequest,
): Promise<AppendOptions> {
  const { idempotencyKey: key } = requestContext(request);
  // a precondition is no part of what is asked for: a repeat may leave it out
  const { expectedVersion: inBody, ...asked } = body;
  const expectedVersion = pinnedBy(request, inBody);
  const cause = await causeOf(store, context.causationId);
  const { actor = '' } = context;
  return {
    ...context,
    ...definedOnly({ expectedVersion, cause }),
    ...(key === undefined ? {} : { idempotency: { key, actor, route: 'POST /api/events', request: asked } }),
  };
}
