import { z } from 'zod';
import type { ConfigProblem, Environment } from './environment.ts';
import { resolveSettings } from './secrets.ts';

/** Thrown by loadConfig with every problem at once, so that a deployment is corrected in one round. */
export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID';
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(
      ({ variable, problem, expected }) =>
        `  ${variable}: ${problem}${expected === '' ? '' : ` (expected: ${expected})`}`,
    );
    super(`invalid settings:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads the settings named by the schema's keys from `env`, secrets also from files (see {@link resolveSettings}). A
 * variable that is empty or only blanks counts as
 * not set, because compose files pass `NAME=` for what the operator left out. The result is deeply frozen.
 * @throws ConfigError listing all problems, without any value
 */
export function loadConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: Environment,
): Readonly<z.output<z.ZodObject<Shape>>> {
  const { given, problems } = resolveSettings(env, Object.keys(schema.shape));
  const result = schema.safeParse(given);
  if (result.success && problems.length === 0) return deepFreeze(result.data);
  const isTold = new Set(problems.map(({ variable }) => variable.replace(/_FILE$/, '')));
  const issues = (result.error?.issues ?? []).filter(({ path }) => !isTold.has(String(path[0])));
  throw new ConfigError([...problems, ...issues.map((issue) => describe(issue, schema.shape, given))]);
}

function describe(
  issue: z.core.$ZodIssue,
  shape: z.ZodRawShape,
  given: Readonly<Record<string, string>>,
): ConfigProblem {
  const variable = issue.path.length === 0 ? 'settings' : String(issue.path[0]);
  const setting = shape[variable];
  const missing = setting !== undefined && !Object.hasOwn(given, variable);
  return {
    variable,
    problem: missing ? 'is not set' : issue.message,
    expected: setting === undefined ? '' : (z.globalRegistry.get(setting)?.description ?? ''),
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
