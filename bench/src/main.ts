import { mkdir, writeFile } from 'node:fs/promises';
import { messageOf, runProgram, say, stackOf } from '@headrace/local';
import { parseOptions } from './options.ts';
import { toMarkdown } from './report/markdown.ts';
import { describeResults, describeRow } from './report/table.ts';
import { runScenarios } from './run.ts';
import { allScenarios } from './scenarios/all.ts';

/** `npm run bench`: measures, prints a table, and writes it as Markdown and JSON. */
async function main(): Promise<number> {
  const { quick, scenarios, out } = parseOptions(process.argv.slice(2), allScenarios);
  const results = await runScenarios({
    scenarios,
    quick,
    say,
    signal: interruption(),
    onResult: ({ rows }) => {
      for (const row of rows) say(`\n${describeRow(row)}`);
    },
  });
  await mkdir(out, { recursive: true });
  await writeFile(`${out}/results.json`, `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(`${out}/results.md`, toMarkdown(results));
  say(`\n${describeResults(results)}`);
  say(`\n${results.minutes.toFixed(1)} minutes. Written to ${out}: results.md, results.json.`);
  return 0;
}

const interrupted = new AbortController();

/** Aborts on a signal. Processes that a scenario has started end with this one. */
function interruption(): AbortSignal {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => {
      // The running scenario loses its servers now, and its errors say nothing new.
      process.on('uncaughtException', () => undefined);
      interrupted.abort(new Error(`Ended by ${signal}.`));
    });
  return interrupted.signal;
}

await runProgram(main, (error) => (interrupted.signal.aborted ? messageOf(error) : stackOf(error)));
// An interrupted scenario still runs.
process.exit();
