import { isMet, type Results, type Verdict } from '../harness/results.ts';
import { figure } from './figures.ts';

/** A verdict with the row that it belongs to. */
export interface Target {
  readonly row: string;
  readonly verdict: Verdict;
}

/** All verdicts of a run, in its order. */
export function targetsOf({ scenarios }: Results): readonly Target[] {
  return scenarios.flatMap(({ rows }) =>
    rows.flatMap(({ title, verdicts }) => verdicts.map((verdict) => ({ row: title, verdict }))),
  );
}

/** `N of M targets reached`. */
export function summaryOf(results: Results): string {
  const targets = targetsOf(results);
  const reached = targets.filter(({ verdict }) => isMet(verdict));
  return `${reached.length} of ${targets.length} targets reached`;
}

export function markOf(verdict: Verdict): '✓' | '✗' {
  return isMet(verdict) ? '✓' : '✗';
}

/** Such as `≥ 1.00`. */
export function wantedOf({ wanted }: Verdict): string {
  return 'atLeast' in wanted ? `≥ ${figure(wanted.atLeast)}` : `≤ ${figure(wanted.atMost)}`;
}

/** What was reached; with more digits where a near miss would otherwise read like the target. */
export function gotOf(verdict: Verdict): string {
  const { got } = verdict;
  const limit = limitOf(verdict);
  const alike = (more: number): boolean => figure(got, more) === figure(limit, more);
  const more = isMet(verdict) ? 0 : [0, 1, 2, 3, 4].find((digits) => !alike(digits));
  return figure(got, more ?? 5);
}

/** Such as `✓ 1.12 × two XADDs (wanted ≥ 1.00)`. */
export function describeVerdict(verdict: Verdict): string {
  return `${markOf(verdict)} ${gotOf(verdict)} ${verdict.of} (wanted ${wantedOf(verdict)})`;
}

function limitOf({ wanted }: Verdict): number {
  return 'atLeast' in wanted ? wanted.atLeast : wanted.atMost;
}
