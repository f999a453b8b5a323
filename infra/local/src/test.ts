import { type CheckResult, runCheck } from './checks/run-check.ts';
import { chooseChecks } from './checks/stages.ts';
import { totalsLine } from './checks/test-report.ts';
import { messageOf, runProgram, say } from './command-line.ts';

const interruption = new AbortController();

/** `npm test`: runs all checks (or the named ones), each to its end, and sums them up. */
async function main(): Promise<number> {
  const { chosen, filters } = chooseChecks(process.argv.slice(2));
  const results: CheckResult[] = [];
  for (const check of chosen) {
    say(`\n▶ ${check.title}`);
    const result = await runCheck(check, { filters, signal: interruption.signal, say });
    say(
      `${result.ok ? '✓' : '✗'} ${check.title}: ${result.ok ? 'passed' : 'FAILED'} in ${result.seconds.toFixed(1)} s`,
    );
    results.push(result);
    if (interruption.signal.aborted) {
      say('\nInterrupted: the stages left were not run.');
      break;
    }
  }
  summarise(results);
  return results.every(({ ok }) => ok) ? 0 : 1;
}

function summarise(results: readonly CheckResult[]): void {
  say('\nSummary');
  for (const { check, ok, seconds, counts } of results) {
    const tests = check.tests ? `, ${totalsLine([counts])}` : '';
    say(`  ${ok ? '✓' : '✗'} ${check.name.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s${tests}`);
  }
  for (const line of results.flatMap(secondRunLines)) say(line);
  const again = results.reduce((sum, result) => sum + result.passedOnSecondRun.length, 0);
  say(`${again === 0 ? 'no file' : again === 1 ? '1 file' : `${again} files`} passed on the second run`);
  say(totalsLine(results.map(({ counts }) => counts)));
}

/** A file that passes only on its second run has a defect: it is always listed. */
function secondRunLines({ check, passedOnSecondRun, stolenPercent }: CheckResult): readonly string[] {
  const stolen = stolenPercent === undefined ? 'an unknown share' : `${stolenPercent} %`;
  return passedOnSecondRun.map(
    ({ file, failure }) =>
      `  ↻ passed on the second run: ${file} (first: ${failure}; the host took ${stolen} of the processors during ${check.name})`,
  );
}

// This process goes on, to report how the stage ended; a terminal's Ctrl-C reaches the stage directly.
process.on('SIGINT', () => interruption.abort());
process.on('SIGTERM', () => interruption.abort());

await runProgram(main, messageOf);
