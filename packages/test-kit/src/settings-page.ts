import { readFileSync } from 'node:fs';
import { projectDir } from '@headrace/local';

/** The schema of a setting, as far as its default is concerned. */
export interface SettingSchema {
  readonly description?: string | undefined;
  safeParse(value: unknown): { readonly success: boolean; readonly data?: unknown };
}

const PAGE = 'docs/settings.md';
/** How descriptions say that a setting has no value unless it is set. */
const NO_VALUE = new Set(['none', 'off', 'no limit']);
const ROW = /^\| `(\w+)` *\| ([^|]*?) *\|/gm;

/**
 * Where the tables of docs/settings.md differ from the settings of a service: in names or in defaults. A row of the
 * service's own section replaces one of "Every service".
 */
export function settingsPageProblems(
  service: string,
  settings: Readonly<Record<string, SettingSchema>>,
): readonly string[] {
  const page = readFileSync(`${projectDir}/${PAGE}`, 'utf8');
  const documented = new Map([...rowsBelow(page, 'Every service'), ...rowsBelow(page, service)]);
  const missing = Object.keys(settings).filter((name) => !documented.has(name));
  return [
    ...missing.map((name) => `${name} is not in ${PAGE}`),
    ...[...documented].flatMap(([name, cell]) => {
      const setting = settings[name];
      if (setting === undefined) return [`${service} has no setting ${name}`];
      return isDefault(setting, cell) ? [] : [`${name}: the default is not ${cell}`];
    }),
  ];
}

function rowsBelow(page: string, heading: string): readonly (readonly [string, string])[] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(ROW)].map(([, name = '', cell = '']) => [name, cell]);
}

/**
 * A default in backticks is compared by the value that it leads to, and, where the schema leaves the default to what
 * reads the setting, with the description. Other words, but for "none", stand for a value that is made at the start.
 */
function isDefault(setting: SettingSchema, cell: string): boolean {
  const { success, data } = setting.safeParse(undefined);
  if (cell === 'required' || !success) return cell === 'required' && !success;
  const literal = /^`(.*)`$/.exec(cell)?.[1];
  if (data === undefined) {
    const described = /default ([^,;]+)/.exec(setting.description ?? '')?.[1] ?? '';
    return literal === undefined ? cell === 'none' && NO_VALUE.has(described) : literal === described;
  }
  if (literal === undefined) return cell !== 'none';
  return JSON.stringify(setting.safeParse(literal).data) === JSON.stringify(data);
}
