import { partitionOfPosition } from '@headrace/event-schema';
import { activeTable, projectionTable } from '@headrace/projections';
import { InvalidRequestError } from '@headrace/service-kit';
import type { FastifyReply } from 'fastify';
import { untilMaterialised } from '../progress/wait-for-event.ts';
import type { CommonParameters, WaitParameters } from '../queries/parameters.ts';
import type { RouteDeps } from './route-deps.ts';

/**
 * Waits for the event that the query names, if it names one, and returns the table to read from: the active
 * version's, which a switch may have changed while waiting.
 * @throws InvalidRequestError, EventParkedError, NotMaterialisedError
 */
export async function readModelFor(
  deps: RouteDeps,
  projection: string,
  { wait_for: eventId, timeout_ms: timeoutMs }: WaitParameters,
  reply: FastifyReply,
): Promise<string> {
  if (eventId !== undefined) {
    assertPartition(deps, eventId, 'query', 'wait_for');
    const wait = { eventId, projection, timeoutMs: Math.min(timeoutMs, deps.longestWaitMs) };
    const version = await untilMaterialised(deps, { ...wait, signal: whenClosed(reply) });
    return projectionTable({ name: projection, version });
  }
  return await activeTable(deps.database, projection);
}

/** @throws InvalidRequestError for an event id of a partition that the log does not have */
export function assertPartition(
  { store }: RouteDeps,
  eventId: string,
  part: 'query' | 'path',
  path: string,
): void {
  if (partitionOfPosition(eventId) < store.partitions) return;
  const message = `names a partition beyond the ${store.partitions} of this log`;
  throw new InvalidRequestError([{ in: part, path, message }]);
}

/**
 * Refuses `source=event_store` for a list: a request must not fold many streams. `instead` is the query that can.
 * @throws InvalidRequestError
 */
export function refuseEventStore({ source }: CommonParameters, instead = 'orders, with orderId'): void {
  if (source !== 'event_store') return;
  const message = `event_store folds one stream only: ask the query ${instead}`;
  throw new InvalidRequestError([{ in: 'query', path: 'source', message }]);
}

/** Aborts when the answer is sent, or the client has gone. */
function whenClosed(reply: FastifyReply): AbortSignal {
  const closed = new AbortController();
  reply.raw.once('close', () => closed.abort());
  return closed.signal;
}
