import { type Problem, problem } from './problem.ts';

/** What a mapper may know of the request whose handling failed. */
export interface ProblemContext {
  readonly hasIfMatch: boolean;
}

/**
 * Turns an error into the problem that the client sees, or leaves it to the next mapper. What it returns is sent
 * as it is, so it must not copy the message of an error into a 5xx.
 */
export type ProblemMapper = (error: unknown, context: ProblemContext) => Problem | undefined;

export interface ProblemRule {
  readonly status: number;
  readonly title: string;
  /** Last part of `type`; default the code in kebab-case (`ORDER_NOT_FOUND` → `order-not-found`). */
  readonly slug?: string;
  /** Default the error's message below 500; nothing from 500 on, where messages may tell internals. */
  readonly detail?: string;
  /** Properties of the error that are copied to the problem, named one by one so that nothing leaks by accident. */
  readonly fields?: readonly string[];
  readonly retryAfterSeconds?: number;
}

/** A mapper from the `code` of an error to a problem. Services write their domain errors' statuses as one table. */
export function mapByCode(table: Readonly<Record<string, ProblemRule>>): ProblemMapper {
  const rules = new Map(Object.entries(table));
  return (error) => {
    const code = codeOf(error);
    const rule = code === undefined ? undefined : rules.get(code);
    return code === undefined || rule === undefined ? undefined : applyRule(code, rule, error);
  };
}

/** The `code` of an error, when it has one that is a string. */
export function codeOf(error: unknown): string | undefined {
  const code = fieldOf(error, 'code');
  return typeof code === 'string' ? code : undefined;
}

/** An own or inherited property of anything; undefined where there is none. */
export function fieldOf(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}

/** Builds the problem that `rule` describes for `error`. */
export function applyRule(code: string, rule: ProblemRule, error: unknown): Problem {
  const members: Record<string, unknown> = {};
  for (const name of rule.fields ?? []) {
    const value = fieldOf(error, name);
    if (value !== undefined) members[name] = value;
  }
  const message = rule.status < 500 && error instanceof Error ? error.message : undefined;
  const detail = rule.detail ?? message;
  if (detail !== undefined) members['detail'] = detail;
  if (rule.retryAfterSeconds !== undefined) members['retryAfterSeconds'] = rule.retryAfterSeconds;
  return problem(rule.status, rule.slug ?? slugOf(code), rule.title, members);
}

/** The code in kebab-case: `ORDER_NOT_FOUND` → `order-not-found`. */
export function slugOf(code: string): string {
  return code.toLowerCase().replaceAll('_', '-');
}
