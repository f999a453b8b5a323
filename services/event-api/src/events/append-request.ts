import { definedOnly } from '@headrace/event-schema';
import type { AppendContext, NewEvent } from '@headrace/event-store';
import { badRequest, InvalidRequestError, type RequestContext } from '@headrace/service-kit';
import type { AppendBody, NewEventBody } from './append-body.ts';

const SHARED = ['correlationId', 'causationId', 'actor', 'traceparent'] as const;

/** An append as the store takes it, but for preconditions and keys. */
export interface AppendRequest {
  readonly stream: string;
  readonly events: readonly NewEvent[];
  readonly context: AppendContext;
}

/**
 * What a body asks for. Its own word on who asks and why comes before that of the headers.
 * @throws a 400 problem where the events of a batch name different origins, or an event two times
 */
export function appendRequestOf(body: AppendBody, headers: RequestContext): AppendRequest {
  const bodies = eventBodies(body);
  const { idempotencyKey: _, ...origin } = headers;
  const shared = Object.fromEntries(SHARED.map((name) => [name, agreedOn(name, bodies)]));
  return {
    stream: body.streamId,
    events: bodies.map(newEventOf),
    context: { ...origin, ...definedOnly(shared) },
  };
}

/** The events of a body, in order. */
export function eventBodies(body: AppendBody): readonly NewEventBody[] {
  if ('events' in body) return body.events;
  const { streamId: _, expectedVersion: __, ...event } = body;
  return [event];
}

function agreedOn(name: (typeof SHARED)[number], bodies: readonly NewEventBody[]): string | undefined {
  const named = new Set(bodies.flatMap(({ metadata }) => metadata?.[name] ?? []));
  if (named.size > 1) throw badRequest(`The events of one append have one ${name}, not ${named.size}.`);
  return [...named][0];
}

function newEventOf(body: NewEventBody, index: number): NewEvent {
  const { correlationId: _, causationId: __, actor: ___, traceparent: ____, ...rest } = body.metadata ?? {};
  const { occurredAt: inMetadata, ...meta } = rest;
  return {
    type: body.eventType,
    data: body.eventData,
    ...definedOnly({ occurredAt: businessTime(body.occurredAt, inMetadata, index) }),
    ...(Object.keys(meta).length === 0 ? {} : { meta }),
  };
}

function businessTime(
  own: string | undefined,
  inMetadata: string | undefined,
  index: number,
): string | undefined {
  if (own !== undefined && inMetadata !== undefined && Date.parse(own) !== Date.parse(inMetadata)) {
    const message = `event ${index + 1} has another occurredAt in its metadata`;
    throw new InvalidRequestError([{ in: 'body', path: 'occurredAt', message }]);
  }
  return own ?? inMetadata;
}
