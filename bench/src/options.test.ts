import { CommanderError } from '@headrace/local';
import { expect, it } from 'vitest';
import type { Scenario } from './harness/bench.ts';
import { benchCommand, parseOptions } from './options.ts';

const scenario = (name: string, onlyByName = false): Scenario => ({
  ...{ name, title: `about ${name}`, onlyByName },
  run: async () => ({ rows: [] }),
});
const all = [scenario('append'), scenario('read'), scenario('growth', true)];
const namesOf = (args: readonly string[]): string[] =>
  parseOptions(args, all).scenarios.map(({ name }) => name);

it('runs all but what takes long', () => {
  expect(namesOf([])).toEqual(['append', 'read']);
  expect(parseOptions([], all)).toMatchObject({ quick: false });
});

it('runs what is named, in the order of the list', () => {
  expect(namesOf(['growth', 'append'])).toEqual(['append', 'growth']);
  expect(parseOptions(['--quick', 'read'], all).quick).toBe(true);
});

it.each([['reed'], ['--fast']])('refuses %s, and says what there is', (arg) => {
  expect(() => parseOptions([arg], all)).toThrow(CommanderError);
});

it('lists everything', () => {
  for (const { name } of all) expect(benchCommand(all).helpInformation()).toContain(`about ${name}`);
});
