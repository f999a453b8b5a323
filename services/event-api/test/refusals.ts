import { expect } from 'vitest';
import type { Answer } from './event-api.ts';

/** Checks a problem of this API; `type` without its common beginning. */
export function expectProblem(
  { status, headers, json: problem }: Answer,
  expected: { readonly status: number; readonly type: string; readonly members?: object | undefined },
): void {
  expect(problem).toMatchObject({
    success: false,
    error: problem.detail ?? problem.title,
    title: expect.any(String),
    ...expected.members,
    status: expected.status,
    type: `/problems/${expected.type}`,
  });
  expect(status).toBe(expected.status);
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json' });
}
