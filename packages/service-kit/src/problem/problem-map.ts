import { isConnectionFailure } from './connection-failure.ts';
import {
  applyRule,
  codeOf,
  fieldOf,
  mapByCode,
  type ProblemContext,
  type ProblemMapper,
} from './map-by-code.ts';
import { type Problem, ProblemError, type ProblemIssue, problem } from './problem.ts';
import { HTTP_RULES, PACKAGE_RULES, RETRY_SECONDS, UNAVAILABLE } from './problem-rules.ts';

const byCode = mapByCode({ ...PACKAGE_RULES, ...HTTP_RULES });

/**
 * The kit's own mapper: the one place where errors of the shared packages, of Fastify and of the drivers'
 * connections get their status. Errors are known by `code` rather than by class, so that a second copy of a
 * package changes nothing.
 */
export const mapKnownError: ProblemMapper = (error, context) => {
  if (error instanceof ProblemError) return error.problem;
  switch (codeOf(error)) {
    case 'WRONG_EXPECTED_VERSION':
      return wrongExpectedVersion(error, context);
    case 'REQUEST_INVALID':
      return problem(400, 'invalid-request', 'The request is not valid', { errors: issuesOf(error) });
    case 'IMPORT_FAILED':
      return importFailed(error, context);
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

/** A line that cannot be stored is the file's fault, unless no line could be. */
function importFailed(error: unknown, context: ProblemContext): Problem {
  const cause = mapKnownError(fieldOf(error, 'cause'), context);
  if (cause !== undefined && cause.status >= 500) return cause;
  const rule = {
    status: 422,
    title: 'A line cannot be imported',
    detail: 'This line cannot be stored as an event; the lines before it are stored.',
    fields: ['line'],
  };
  return applyRule('IMPORT_FAILED', rule, error);
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
