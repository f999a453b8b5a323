import { runProgram, say } from '@headrace/local';
import { DEFAULT_PARTITIONS, parseOptions } from './options.ts';
import { describePlan, describeResult } from './report.ts';
import { planOf, runFaults } from './run.ts';

/** `npm run test:faults`: runs of random faults, each repeatable by its seed. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  const first = options.seed ?? Date.now() % 1_000_000;
  let failed = 0;
  const { seconds, partitions } = options;
  for (let seed = first; seed < first + options.runs; seed += 1) {
    if (!(await runOne({ seed, seconds, partitions }))) failed += 1;
  }
  say(`${options.runs - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

interface OneRun {
  readonly seed: number;
  readonly seconds: number;
  readonly partitions: number;
}

async function runOne({ seed, seconds, partitions }: OneRun): Promise<boolean> {
  const log = partitions === DEFAULT_PARTITIONS ? '' : ` --partitions ${partitions}`;
  say(`\nSeed ${seed}; repeat it with: npm run test:faults -- --seed ${seed} --seconds ${seconds}${log}`);
  say(`Faults planned:\n${describePlan(planOf(seed, seconds))}\nAs they come:`);
  const result = await runFaults({ seed, seconds, partitions, say });
  say(describeResult(seed, result));
  return result.violations.length === 0;
}

await runProgram(main);
