import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify';
import type { z } from 'zod';
import { InvalidRequestError, type ProblemIssue, type RequestPart } from '../problem/problem.ts';

/** A body of a megabyte can hold a hundred thousand wrong items; nobody reads more than the first. */
const MAX_ISSUES = 50;

const PARTS: Readonly<Record<string, RequestPart>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'headers',
};

/** Validates a part of the request with its zod schema and hands the parsed value to the handler. */
export const validateWithZod: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const part = PARTS[httpPart ?? 'body'] ?? 'body';
  return (data: unknown) => {
    const result = schema.safeParse(data);
    if (result.success) return { value: result.data };
    const issues = result.error.issues.flatMap((issue) => flatten(issue, []));
    return {
      error: new InvalidRequestError(issues.slice(0, MAX_ISSUES).map((issue) => ({ in: part, ...issue }))),
    };
  };
};

/**
 * Writes responses without checking them again: their types are checked at compile time against the same schema,
 * and a second walk over every response costs throughput. Tests turn checking on (`verifyResponses`).
 */
export const writeWithoutCheck: FastifySerializerCompiler<unknown> = () => JSON.stringify;

function flatten(issue: z.core.$ZodIssue, parents: readonly PropertyKey[]): ProblemIssue[] {
  const path = [...parents, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: dotted([...path, key]), message: 'is not a known field' }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const closest = issue.errors.reduce((best, branch) => (branch.length < best.length ? branch : best));
    return closest.flatMap((inner) => flatten(inner, path));
  }
  return [{ path: dotted(path), message: issue.message }];
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}
