import { expect } from 'vitest';
import type { Answer } from './order-api.ts';

/** The problem that a refusal must be answered with; `type` without its common beginning. */
export interface ExpectedProblem {
  readonly status: number;
  readonly type: string;
  readonly members?: object | undefined;
}

export function expectProblem(
  { status, headers, json: problem }: Answer,
  expected: ExpectedProblem,
  instance: string,
): void {
  expect(problem).toMatchObject({
    title: expect.any(String),
    ...expected.members,
    status: expected.status,
    type: `/problems/${expected.type}`,
    instance,
  });
  expect(status).toBe(expected.status);
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json' });
}
