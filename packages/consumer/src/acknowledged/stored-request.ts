import { entryIdOf, formatPosition } from '@headrace/event-schema';
import type { OperatorRequest } from '../admin/consumer-admin.ts';
import type { StreamRequest } from '../dead-letters/dead-letter-admin.ts';
import type { StreamTask } from '../dead-letters/parked-retries.ts';

/** What an operator asked a partition's owner to do, as JSON in Redis; `actor` is empty where it is not known. */
export type StoredRequest = {
  readonly stream: string;
  /** Absent where an older release has asked. */
  readonly actor?: string;
  readonly requestedAt?: string;
} & (
  | { readonly kind: 'retry' }
  | { readonly kind: 'discard'; readonly eventId: string; readonly reason: string }
);

/** @param requestedAt ISO 8601 */
export function storedRequest(request: StreamRequest, requestedAt: string): StoredRequest {
  const { partition, stream, actor } = request;
  const about = { stream, actor, requestedAt };
  if (request.kind === 'retry') return { kind: 'retry', ...about };
  const eventId = formatPosition(partition, request.entryId);
  return { kind: 'discard', ...about, eventId, reason: request.reason };
}

/** What the owner has to do for it. Its id is its text. */
export function taskOf(text: string): StreamTask {
  const request = JSON.parse(text) as StoredRequest;
  const { stream } = request;
  return request.kind === 'retry'
    ? { id: text, kind: 'retry', stream }
    : { id: text, kind: 'discard', stream, entryId: entryIdOf(request.eventId) };
}

type KeptRequest = StoredRequest & Partial<Pick<OperatorRequest, 'finishedAt' | 'outcome'>>;

export function operatorRequestOf(partition: number, text: string): OperatorRequest {
  const request = JSON.parse(text) as KeptRequest;
  const { kind, stream, actor = '', requestedAt = null, finishedAt = null, outcome = null } = request;
  const [eventId, reason] = request.kind === 'discard' ? [request.eventId, request.reason] : [null, null];
  const who = actor === '' ? null : actor;
  return { partition, kind, stream, eventId, reason, actor: who, requestedAt, finishedAt, outcome };
}

/** Requests with the same aim are one, as long as they are not done. */
export function aimOf(request: StoredRequest): string {
  return JSON.stringify([request.kind, request.stream, request.kind === 'discard' ? request.eventId : '']);
}
