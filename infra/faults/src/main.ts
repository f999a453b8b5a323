import { helpText, parseOptions, UsageError } from './options.ts';
import { describePlan, describeResult } from './report.ts';
import { planOf, runFaults } from './run.ts';

/** `npm run test:faults`: runs of random faults, each repeatable by its seed. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    say(helpText);
    return 0;
  }
  const first = options.seed ?? Date.now() % 1_000_000;
  let failed = 0;
  for (let seed = first; seed < first + options.runs; seed += 1) {
    if (!(await runOne(seed, options.seconds))) failed += 1;
  }
  say(`${options.runs - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function runOne(seed: number, seconds: number): Promise<boolean> {
  say(`\nSeed ${seed}; repeat it with: npm run test:faults -- --seed ${seed} --seconds ${seconds}`);
  say(`Faults planned:\n${describePlan(planOf(seed, seconds))}\nAs they come:`);
  const result = await runFaults({ seed, seconds, say });
  say(describeResult(seed, result));
  return result.violations.length === 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  const known = error instanceof UsageError;
  process.stderr.write(`${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
