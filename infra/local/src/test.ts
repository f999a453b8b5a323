import { type CheckResult, chooseChecks, runCheck, totalsLine } from './checks.ts';
import { messageOf } from './waiting.ts';

const interruption = new AbortController();

/** `npm test`: runs all checks (or the named ones), each to its end, and sums them up. */
async function main(): Promise<number> {
  const { chosen, filters } = chooseChecks(process.argv.slice(2));
  const results: CheckResult[] = [];
  for (const check of chosen) {
    say(`\n▶ ${check.title}`);
    const result = await runCheck(check, filters, interruption.signal);
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
  say(totalsLine(results.map(({ counts }) => counts)));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

// This process lives on to report how the stage ended; a terminal's Ctrl-C reaches the stage by itself.
process.on('SIGINT', () => interruption.abort());
process.on('SIGTERM', () => interruption.abort());

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
