import { runProgram, say } from '@headrace/local';
import { parseOptions } from './options.ts';
import { withOwnSystem } from './own-system.ts';
import { describeReport } from './report.ts';
import { fuzz } from './run.ts';

const PATIENCE_MS = 60_000;

/** `npm run test:fuzz`: requests made from the OpenAPI documents, repeatable by their seed. */
async function main(): Promise<number> {
  const { requests, seed = Date.now() % 1_000_000 } = parseOptions(process.argv.slice(2));
  say(`Seed ${seed}; repeat it with: npm run test:fuzz -- --seed ${seed} --requests ${requests}`);
  const report = await withOwnSystem(
    async (urls) => await fuzz({ seed, requests, urls, patienceMs: PATIENCE_MS }),
  );
  say(describeReport(report));
  return report.faults.length + report.parked.length === 0 ? 0 : 1;
}

await runProgram(main);
