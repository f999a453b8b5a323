import { describe, expect, it } from 'vitest';
import { checks, chooseChecks } from './stages.ts';

it('runs only files again whose tests have time limits', () => {
  expect(checks.filter(({ secondRun }) => secondRun).map(({ name }) => name)).toEqual([
    'integration',
    'e2e',
    'compose',
  ]);
});

describe('chooseChecks', () => {
  it('chooses all without names, but for those that have to be asked for', () => {
    const all = checks.map(({ name }) => name);
    expect(chooseChecks([]).chosen.map(({ name }) => name)).toEqual(all.filter((name) => name !== 'compose'));
    expect(chooseChecks(['compose']).chosen.map(({ name }) => name)).toEqual(['compose']);
  });

  it('chooses by name in the order of the whole check, and takes the rest for file filters', () => {
    const { chosen, filters } = chooseChecks(['integration', 'unit', 'event-store']);
    expect(chosen.map(({ name }) => name)).toEqual(['unit', 'integration']);
    expect(filters).toEqual(['event-store']);
  });

  it('names the stages when one is unknown', () => {
    expect(() => chooseChecks(['units'])).toThrow(/"units" is no stage\. Stages: lint, .*e2e/);
    expect(() => chooseChecks(['lint', 'event-store'])).toThrow('is no stage');
  });
});
