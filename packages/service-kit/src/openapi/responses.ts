import type { z } from 'zod';
import { PROBLEM_MEDIA_TYPE } from '../problem/error-handler.ts';
import { problemSchema } from '../problem/problem.ts';

/** Statuses that a route can answer with a problem. */
export type ProblemStatus = 400 | 404 | 409 | 412 | 413 | 415 | 422 | 429 | 500 | 503 | 504;

interface ProblemResponse {
  readonly description: string;
  readonly content: { readonly [PROBLEM_MEDIA_TYPE]: { readonly schema: typeof problemSchema } };
}

const DESCRIPTIONS: Readonly<Record<ProblemStatus, string>> = {
  400: 'The request is malformed or has the wrong shape',
  404: 'There is no such thing',
  409: 'The state forbids it, or the expected version differs',
  412: 'If-Match differs from the version of the stream',
  413: 'The body is too large',
  415: 'The body is not JSON',
  422: 'Well-formed, but a value is wrong',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'A dependency cannot be reached or is full',
  504: 'Not reached in time',
};

/** The problem as documented answer with this description. */
export function problemResponse(description: string): ProblemResponse {
  return { description, content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema } } };
}

/**
 * A route's `response` schema in one line: `responses({ 201: orderAnswer }, 409, 422)`. Every route has a `default`
 * problem anyway; name the statuses that tell a client something. The problems are documented but not part of the
 * type: handlers throw them, and what they return is checked against the successes alone.
 */
export function responses<Success extends Readonly<Record<number, z.ZodType>>>(
  success: Success,
  ...problems: readonly ProblemStatus[]
): Success {
  const documented = problems.map((status) => [status, problemResponse(DESCRIPTIONS[status])]);
  return { ...success, ...Object.fromEntries(documented) };
}
