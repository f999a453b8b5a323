import { isConnectionFailure } from './connection-failure.ts';
import {
  applyRule,
  codeOf,
  fieldOf,
  mapByCode,
  type ProblemContext,
  type ProblemMapper,
  type ProblemRule,
} from './map-by-code.ts';
import { type Problem, ProblemError, type ProblemIssue, problem } from './problem.ts';

const RETRY_SECONDS = 1;
const UNAVAILABLE = 'Service unavailable';

/**
 * The one place where errors of the shared packages and of Fastify get their status. Errors are known by `code`
 * rather than by class, so that no package must be imported, and a second copy of one changes nothing.
 */
const RULES: Readonly<Record<string, ProblemRule>> = {
  INVALID_STREAM_NAME: { status: 400, title: 'Invalid stream name' },
  INVALID_POSITION: { status: 400, title: 'Invalid position' },
  STREAM_NOT_FOUND: { status: 404, title: 'Stream not found', fields: ['stream'] },
  VERSION_BEYOND_END: {
    status: 404,
    title: 'Version beyond the end of the stream',
    fields: ['stream', 'version', 'current'],
  },
  CATEGORY_MISMATCH: { status: 422, title: 'Event of another category', fields: ['stream', 'expected'] },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'Idempotency-Key reused with another request' },
  EVENT_TOO_LARGE: { status: 413, title: 'Event too large' },
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
  CLOCK_SKEW: {
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

const byCode = mapByCode(RULES);

/** The kit's own mapper; knows the shared packages, Fastify, and the connection errors of the drivers. */
export const mapKnownError: ProblemMapper = (error, context) => {
  if (error instanceof ProblemError) return error.problem;
  switch (codeOf(error)) {
    case 'WRONG_EXPECTED_VERSION':
      return wrongExpectedVersion(error, context);
    case 'REQUEST_INVALID':
      return problem(400, 'invalid-request', 'The request is not valid', { errors: issuesOf(error) });
    case 'CONTRACT_VIOLATION':
      return problem(400, 'contract-violation', 'The event does not satisfy its contract', {
        ...(error instanceof Error ? { detail: error.message } : {}),
        errors: issuesOf(error),
      });
    default:
      return byCode(error, context) ?? clientError(error) ?? unavailable(error);
  }
};

/** What the client learns of an error that nobody knows. */
export const INTERNAL_PROBLEM: Problem = problem(500, 'internal-error', 'Internal error', {
  detail: 'Something went wrong here; the log has the details under the correlation id.',
});

function wrongExpectedVersion(error: unknown, context: ProblemContext): Problem {
  const rule = {
    status: context.hasIfMatch ? 412 : 409,
    title: 'The stream is at another version',
    fields: ['stream', 'expected', 'actual'],
  };
  return applyRule('WRONG_EXPECTED_VERSION', rule, error);
}

function unavailable(error: unknown): Problem | undefined {
  if (!isConnectionFailure(error)) return undefined;
  return problem(503, 'dependency-unavailable', UNAVAILABLE, {
    detail: 'A database that this request needs cannot be reached at the moment.',
    retryAfterSeconds: RETRY_SECONDS,
  });
}

/** Errors of Fastify and its plugins that carry a client status of their own; their messages stay here. */
function clientError(error: unknown): Problem | undefined {
  const status = fieldOf(error, 'statusCode');
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined;
  return problem(status, 'request-refused', 'The request was refused');
}

function issuesOf(error: unknown): readonly ProblemIssue[] {
  const issues = fieldOf(error, 'issues');
  return Array.isArray(issues) ? issues : [];
}
