import { describeFault, type PlannedFault, seconds } from './plan/faults.ts';
import type { RunResult } from './run.ts';

const LISTED = 20;

/** The schedule, one fault a line. */
export function describePlan(plan: readonly PlannedFault[]): string {
  return plan.map((fault) => `  ${seconds(fault.atMs).padStart(5)} s  ${describeFault(fault)}`).join('\n');
}

/** What a run did, and its result. */
export function describeResult(seed: number, result: RunResult): string {
  const { injected, stalls, hits, events, requests, disturbed, mails, checks, violations, kept } = result;
  const still = stalls.map(({ from, until }) => `${seconds(until - from)} s`);
  const kills = injected.filter(({ fault }) => fault.kind === 'kill' || fault.kind === 'kill-server');
  const killsThatHit = kills.filter((kill) => kill.hits > 0).length;
  const promises = Object.entries(checks).map(([promise, broken]) =>
    broken.length === 0 ? `  ✓ ${promise}` : `  ✗ ${promise}: ${broken.length} violations`,
  );
  const listed = violations.slice(0, LISTED).map((violation) => `  ${violation}`);
  return [
    `Seed ${seed}: ${injected.length} faults, of which ${hits} interrupted work ` +
      `(${killsThatHit} of ${kills.length} kills); ${requests} writes, ${disturbed} of their answers disturbed; ` +
      `${events} events; ${mails.sent} mails, ${mails.copies} of them in copy.`,
    ...(still.length === 0
      ? []
      : [`The machine stood still, which is a fault as well: ${still.join(', ')}.`]),
    ...promises,
    ...(violations.length === 0 ? [] : [`${violations.length} violations:`, ...listed]),
    ...(violations.length > LISTED ? [`  … and ${violations.length - LISTED} more`] : []),
    ...(kept === undefined ? [] : [`Logs and evidence are kept in ${kept}.`]),
  ].join('\n');
}
