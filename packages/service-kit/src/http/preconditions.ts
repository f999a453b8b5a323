import { badRequest, InvalidRequestError } from '../problem/problem.ts';
import type { RequestLike } from './request-context.ts';

const ENTITY_TAG = /^(?:W\/)?"?(\d{1,15})"?$/;

/** Something that takes response headers, such as a Fastify reply of any route type. */
export interface HeaderSink {
  header(name: string, value: string): unknown;
}

/**
 * The version that `If-Match` pins: a number (`"5"`, `5` and `W/"5"` mean the same here, as versions are exact),
 * `exists` for `*`, undefined without the header. The values fit the store's expected version.
 * @throws InvalidRequestError for anything else, a list of tags included
 */
export function expectedVersionOf(request: RequestLike): number | 'exists' | undefined {
  const given = request.headers['if-match']?.trim();
  if (given === undefined) return undefined;
  if (given === '*') return 'exists';
  const version = ENTITY_TAG.exec(given)?.[1];
  if (version === undefined || given.includes('"') !== /"\d+"$/.test(given)) {
    const message = 'must be one version as in ETag, such as "5", or *';
    throw new InvalidRequestError([{ in: 'headers', path: 'If-Match', message }]);
  }
  return Number(version);
}

/**
 * The version that a request pins, in its body or by `If-Match`; undefined where it pins none. `If-Match: *` beside a
 * version above 0 adds nothing.
 * @throws InvalidRequestError, and a 400 problem where the two differ
 */
export function pinnedBy<Expected>(
  request: RequestLike,
  inBody: Expected | undefined,
): Expected | number | 'exists' | undefined {
  const inHeader = expectedVersionOf(request);
  if (inHeader === undefined || inHeader === inBody) return inBody;
  if (inBody === undefined) return inHeader;
  if (inHeader === 'exists' && typeof inBody === 'number' && inBody > 0) return inBody;
  throw badRequest('If-Match and expectedVersion ask for different versions.');
}

/** The entity tag of a stream at `version`: `"5"`. */
export function entityTag(version: number): string {
  return `"${version}"`;
}

/** Sets `ETag`, so that the client can pin this version with `If-Match`. */
export function setEntityTag(reply: HeaderSink, version: number): void {
  reply.header('etag', entityTag(version));
}

/**
 * Sets `ETag` on the answer to a write, and marks a repeat. Without a key a repeat was this very request, whose first
 * reply from the store got lost.
 */
export function markWritten(
  reply: HeaderSink,
  { version, replayed }: { readonly version: number; readonly replayed: boolean },
  idempotency: object | undefined,
): void {
  setEntityTag(reply, version);
  if (replayed && idempotency !== undefined) markReplayed(reply);
}

/** Marks an answer that repeats an earlier one for the same Idempotency-Key. */
export function markReplayed(reply: HeaderSink): void {
  reply.header('idempotency-replayed', 'true');
}
