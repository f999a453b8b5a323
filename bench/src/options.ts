import { parseArgs } from 'node:util';
import type { Scenario } from './harness/bench.ts';

export interface Options {
  readonly help: boolean;
  readonly quick: boolean;
  readonly scenarios: readonly Scenario[];
  /** Folder for the results; undefined: the usual one. */
  readonly out: string | undefined;
}

/** What is wrong with the command line, for people. */
export class UsageError extends Error {}

/** @throws UsageError */
export function parseOptions(args: readonly string[], all: readonly Scenario[]): Options {
  const { values, positionals } = parse(args);
  const unknown = positionals.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined) throw new UsageError(`There is no "${unknown}".\n\n${helpText(all)}`);
  return {
    help: values.help === true,
    quick: values.quick === true,
    out: values.out,
    scenarios: all.filter(({ name, onlyByName = false }) =>
      positionals.length === 0 ? !onlyByName : positionals.includes(name),
    ),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h' },
        quick: { type: 'boolean' },
        out: { type: 'string' },
      },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)} See --help.`);
  }
}

export function helpText(all: readonly Scenario[]): string {
  const width = Math.max(...all.map(({ name }) => name.length));
  const lines = all.map(
    ({ name, title, onlyByName = false }) =>
      `  ${name.padEnd(width)}  ${title}${onlyByName ? ' (only when named: it takes long)' : ''}`,
  );
  return [
    'Usage: npm run bench [-- [--quick] [--out <folder>] [name…]]',
    '',
    'Measures Headrace and its peers in one run, on servers of its own. Results go to .cache/bench,',
    'or to the folder that is given.',
    '--quick looks whether everything works; its numbers mean nothing.',
    '',
    ...lines,
  ].join('\n');
}
