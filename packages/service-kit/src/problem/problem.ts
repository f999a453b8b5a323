import { z } from 'zod';

/** One thing wrong with a request; `path` is dotted (`items.0.price`), empty for the whole part. */
export interface ProblemIssue {
  readonly path: string;
  readonly message: string;
  /** The part of the request that `path` is in. */
  readonly in?: RequestPart;
}

export type RequestPart = 'body' | 'query' | 'path' | 'headers';

/**
 * Problem details as in RFC 9457. `type` is a URI reference relative to the service, such as
 * `/problems/wrong-expected-version`: stable, for programs to compare, not served as a page. Further members
 * (`expected`, `actual`, …) stand beside these. `retryAfterSeconds` is also sent as `Retry-After`.
 */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  /** Path of the request, without its query, which may hold personal data. Set by the error handler. */
  readonly instance?: string;
  /** Set by the error handler; the log has the same id. */
  readonly correlationId?: string;
  readonly errors?: readonly ProblemIssue[];
  readonly retryAfterSeconds?: number;
  readonly [member: string]: unknown;
}

/** The JSON shape of Problem, for OpenAPI. */
export const problemSchema = z
  .looseObject({
    type: z.string().describe('stable URI reference of the kind of problem'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    correlationId: z.string().optional(),
    errors: z
      .array(z.object({ path: z.string(), message: z.string(), in: z.string().optional() }))
      .optional()
      .describe('what is wrong with the request, part by part'),
    retryAfterSeconds: z.number().optional(),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457)' });

/** Members of a problem beyond the three required ones. */
export type ProblemMembers = Readonly<Record<string, unknown>> & {
  readonly detail?: string;
  readonly errors?: readonly ProblemIssue[];
  readonly retryAfterSeconds?: number;
};

/** Builds a problem; `slug` (kebab-case) becomes the type `/problems/<slug>`. */
export function problem(status: number, slug: string, title: string, members: ProblemMembers = {}): Problem {
  const own = { type: `/problems/${slug}`, title, status };
  // first for readers, and again last, so that no member of that name can take their place
  return { ...own, ...members, ...own };
}

/**
 * Carries a ready problem out of the HTTP layer of a service. Domain code throws its own errors instead and
 * leaves their status to a mapper.
 */
export class ProblemError extends Error {
  readonly code = 'PROBLEM';
  readonly problem: Problem;
  constructor(description: Problem, options?: ErrorOptions) {
    super(description.detail ?? description.title, options);
    this.name = 'ProblemError';
    this.problem = description;
  }
}

/** 404 `/problems/not-found`; throw the result. */
export function notFound(detail: string, members: ProblemMembers = {}): ProblemError {
  return new ProblemError(problem(404, 'not-found', 'Not found', { ...members, detail }));
}

/** 400 `/problems/invalid-request`; throw the result. */
export function badRequest(detail: string, members: ProblemMembers = {}): ProblemError {
  return new ProblemError(
    problem(400, 'invalid-request', 'The request is not valid', { ...members, detail }),
  );
}

/** 422 `/problems/unprocessable`: well-formed, but a value is wrong; throw the result. */
export function unprocessable(detail: string, members: ProblemMembers = {}): ProblemError {
  return new ProblemError(
    problem(422, 'unprocessable', 'The request cannot be processed', { ...members, detail }),
  );
}

/** Thrown for a request whose body, query, path or headers have the wrong shape; answered with 400 and all issues. */
export class InvalidRequestError extends Error {
  readonly code = 'REQUEST_INVALID';
  readonly issues: readonly ProblemIssue[];
  constructor(issues: readonly ProblemIssue[]) {
    super(
      issues
        .map((issue) => `${issue.path === '' ? (issue.in ?? 'request') : issue.path}: ${issue.message}`)
        .join('; '),
    );
    this.name = 'InvalidRequestError';
    this.issues = issues;
  }
}
