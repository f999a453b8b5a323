import { mkdir, writeFile } from 'node:fs/promises';
import { cacheDir } from '@headrace/local';
import { helpText, parseOptions, UsageError } from './options.ts';
import { toMarkdown } from './report/markdown.ts';
import { describeResults, describeRow } from './report/table.ts';
import { runScenarios } from './run.ts';
import { allScenarios } from './scenarios/all.ts';

/** `npm run bench`: measures, prints a table, and writes it as Markdown and JSON. */
async function main(): Promise<void> {
  const { help, quick, scenarios, out } = parseOptions(process.argv.slice(2), allScenarios);
  if (help) {
    say(helpText(allScenarios));
    return;
  }
  const results = await runScenarios({
    scenarios,
    quick,
    say,
    signal: interruption(),
    onResult: ({ rows }) => {
      for (const row of rows) say(`\n${describeRow(row)}`);
    },
  });
  const dir = out ?? `${cacheDir}/bench`;
  await mkdir(dir, { recursive: true });
  await writeFile(`${dir}/results.json`, `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(`${dir}/results.md`, toMarkdown(results));
  say(`\n${describeResults(results)}`);
  say(`\n${results.minutes.toFixed(1)} minutes. Written to ${dir}: results.md, results.json.`);
}

/** Processes that a scenario has started end with this one. */
function interruption(): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => {
      // what is under way loses its servers now, which is no news
      process.on('uncaughtException', () => undefined);
      interrupted.abort(new UsageError(`Ended by ${signal}.`));
    });
  return interrupted.signal;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  await main();
} catch (error) {
  const known = error instanceof UsageError;
  process.stderr.write(`${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  // a scenario that was interrupted is still at it
  process.exit(1);
}
