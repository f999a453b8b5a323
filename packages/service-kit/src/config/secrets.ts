import { readFileSync } from 'node:fs';
import type { ConfigProblem, Environment } from './environment.ts';

export interface ResolvedSettings {
  /** What is set and not blank, by variable. */
  readonly given: Readonly<Record<string, string>>;
  readonly problems: readonly ConfigProblem[];
}

const FILE_HINT = 'a readable file that holds the value';

/**
 * Secrets come from files where an orchestrator mounts them: `NAME_FILE` names the file that holds `NAME`. A
 * password may be given apart from its URL: `DATABASE_PASSWORD` (or its file) is put into `DATABASE_URL`.
 * Problems name variables and files, never values.
 */
export function resolveSettings(env: Environment, variables: readonly string[]): ResolvedSettings {
  const given: Record<string, string> = {};
  const problems: ConfigProblem[] = [];
  const take = (variable: string): string | undefined => {
    const value = readSetting(env, variable);
    if (typeof value !== 'object') return value;
    problems.push(value);
    return undefined;
  };
  for (const variable of variables) {
    const value = take(variable);
    if (value !== undefined) given[variable] = value;
  }
  for (const urlVariable of variables.filter((variable) => variable.endsWith('_URL'))) {
    const passwordVariable = urlVariable.replace(/URL$/, 'PASSWORD');
    const password = take(passwordVariable);
    if (password === undefined) continue;
    const url = given[urlVariable];
    const whole = url === undefined ? undefined : withPassword(url, password);
    if (whole === undefined) {
      problems.push({
        variable: passwordVariable,
        problem: `needs a ${urlVariable} with a host, which it belongs to`,
        expected: '',
      });
    } else given[urlVariable] = whole;
  }
  return { given, problems };
}

function readSetting(env: Environment, variable: string): string | ConfigProblem | undefined {
  const value = env[variable]?.trim() || undefined;
  const fileVariable = `${variable}_FILE`;
  const file = env[fileVariable]?.trim() || undefined;
  if (file === undefined) return value;
  if (value !== undefined) {
    return { variable: fileVariable, problem: `is set beside ${variable}`, expected: 'only one of both' };
  }
  try {
    const content = readFileSync(file, 'utf8').trim();
    if (content !== '') return content;
    return { variable: fileVariable, problem: `names an empty file, ${file}`, expected: FILE_HINT };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return { variable: fileVariable, problem: `cannot be read from ${file} (${code})`, expected: FILE_HINT };
  }
}

/** Undefined where there is no place for one: not a URL, or one without a host, which silently takes no password. */
function withPassword(text: string, password: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || url.host === '') return undefined;
  url.password = encodeURIComponent(password);
  return url.href;
}
