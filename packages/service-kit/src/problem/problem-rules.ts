import type { ProblemRule } from './map-by-code.ts';

export const UNAVAILABLE = 'Service unavailable';
/** For what mostly passes by itself. */
export const RETRY_SECONDS = 1;

/**
 * Errors of the shared packages: of `event-schema` what is said by requests, all of `event-store`, and of `consumer`
 * what leaves its loops. A test holds this table against the codes in their sources.
 */
export const PACKAGE_RULES: Readonly<Record<string, ProblemRule>> = {
  INVALID_STREAM_NAME: { status: 400, title: 'Invalid stream name' },
  UNREGISTERED_TYPE: { status: 400, title: 'Event type without a contract', fields: ['eventType'] },
  INVALID_POSITION: { status: 400, title: 'Invalid position' },
  STREAM_NOT_FOUND: { status: 404, title: 'Stream not found', fields: ['stream'] },
  VERSION_BEYOND_END: {
    status: 404,
    title: 'Version beyond the end of the stream',
    fields: ['stream', 'version', 'current'],
  },
  CATEGORY_MISMATCH: { status: 422, title: 'Event of another category', fields: ['stream', 'expected'] },
  CONTRADICTS_HISTORY: {
    status: 409,
    title: 'Event contradicts its history',
    fields: ['stream', 'eventType', 'version'],
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'Idempotency-Key reused with another request',
    detail:
      'This key stands for another request: another method, path, body or X-Actor came with it first. Repeat that request as it was, or send this one under a new key.',
  },
  INVALID_APPEND: { status: 400, title: 'Invalid event' },
  APPEND_TOO_LARGE: { status: 413, title: 'Events too large' },
  STORE_UNAVAILABLE: {
    status: 503,
    title: UNAVAILABLE,
    detail: 'The event store cannot be reached at the moment.',
    retryAfterSeconds: RETRY_SECONDS,
  },
  STORE_OUT_OF_MEMORY: {
    status: 503,
    title: UNAVAILABLE,
    detail: 'The event store is full and takes no events; reading still works.',
    retryAfterSeconds: 30,
  },
  APPEND_OUTCOME_UNKNOWN: {
    status: 503,
    title: 'Outcome unknown',
    detail:
      'The connection broke before the answer came: the write may have been stored. Only a repeat with an Idempotency-Key is safe.',
    retryAfterSeconds: RETRY_SECONDS,
  },
  DURABILITY_NOT_REACHED: {
    status: 503,
    title: 'Durability not reached',
    detail:
      'The write is stored but not yet as durably as demanded. Only a repeat with the same Idempotency-Key is safe.',
    retryAfterSeconds: RETRY_SECONDS,
  },
  CLOCK_AHEAD: {
    status: 503,
    title: UNAVAILABLE,
    detail:
      'The clock of the event store is behind its last event; it takes no events until it has caught up.',
    retryAfterSeconds: 30,
  },
  PARTITION_HELD: {
    status: 503,
    title: UNAVAILABLE,
    detail: 'This part of the log is under maintenance.',
    retryAfterSeconds: 5,
  },
  STREAM_BUSY: {
    status: 503,
    title: UNAVAILABLE,
    detail: 'Too much is written to this stream at once; nothing was appended.',
    retryAfterSeconds: RETRY_SECONDS,
  },
  DURABILITY_NOT_GIVEN: {
    status: 503,
    title: UNAVAILABLE,
    detail: 'The event store does not keep events as durably as this service demands, so it is given none.',
    retryAfterSeconds: 30,
  },
  LOG_MISMATCH: {
    status: 503,
    title: UNAVAILABLE,
    detail: 'The event store and the settings of this service do not fit each other.',
    retryAfterSeconds: 30,
  },
  LOG_CHANGED: {
    status: 503,
    title: UNAVAILABLE,
    detail: 'The event store has another log than the one that is known here.',
    retryAfterSeconds: 30,
  },
  LOG_DISPUTED: {
    status: 503,
    title: UNAVAILABLE,
    detail: 'The event store has another log than the one that is known to other services.',
    retryAfterSeconds: 30,
  },
  TRANSIENT: {
    status: 503,
    title: UNAVAILABLE,
    detail: 'Something that this request needs is away for the moment.',
    retryAfterSeconds: RETRY_SECONDS,
  },
  // 500, not 503, for the next three: no repeat helps before somebody has deployed or mended something, and 500 is
  // logged as an error, so that somebody does
  UNREADABLE_EVENT: {
    status: 500,
    title: 'Unreadable event',
    detail: 'This stream has an event that cannot be interpreted here, so its state is not known.',
  },
  INVALID_DECISION: {
    status: 500,
    title: 'Invalid decision',
    detail: 'The rules of this service led to an event that its contract forbids; nothing was stored.',
  },
  INDEX_BROKEN: {
    status: 500,
    title: 'Broken index',
    detail: 'The index of this stream names an event that the log does not hold; it has to be rebuilt.',
  },
};

/** Fastify's own errors, and the kit's. */
export const HTTP_RULES: Readonly<Record<string, ProblemRule>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: {
    status: 400,
    slug: 'malformed-json',
    title: 'Malformed JSON',
    detail: 'The request body is not valid JSON.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    slug: 'malformed-request',
    title: 'Malformed request',
    detail: 'The size of the request body differs from Content-Length.',
  },
  FST_ERR_BAD_URL: {
    status: 400,
    slug: 'malformed-request',
    title: 'Malformed request',
    detail: 'The path is not valid percent-encoding.',
  },
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    slug: 'body-too-large',
    title: 'Request body too large',
    detail: 'The request body is larger than this service accepts.',
  },
  FST_ERR_MAX_PARAM_LENGTH: {
    status: 414,
    slug: 'path-too-long',
    title: 'Path too long',
    detail: 'A part of the path is longer than any name can be.',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    slug: 'unsupported-media-type',
    title: 'Unsupported media type',
    detail: 'Send the body as application/json.',
  },
  ANSWER_TIMEOUT: {
    status: 503,
    slug: 'timeout',
    title: 'Not answered in time',
    detail:
      'The request took too long; a write may have been stored. Only a repeat with an Idempotency-Key is safe.',
    retryAfterSeconds: RETRY_SECONDS,
  },
};
