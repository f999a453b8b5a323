import { CommanderError } from '@headrace/local';
import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

describe('the command line', () => {
  it('has a short run with a new seed as default', () => {
    expect(parseOptions([])).toEqual({ seconds: 40, runs: 1, partitions: 8 });
  });

  it('takes seed, seconds, runs and partitions', () => {
    const args = ['--seed', '7', '--seconds', '600', '--runs', '20', '--partitions', '1'];
    expect(parseOptions(args)).toEqual({ seed: 7, seconds: 600, runs: 20, partitions: 1 });
  });

  it('refuses what it does not understand', () => {
    for (const args of [
      ['--seed', 'x'],
      ['--runs', '0'],
      ['--partitions', '65'],
      ['--seconds', '1e3'],
      ['--sedd', '1'],
      ['7'],
    ])
      expect(() => parseOptions(args), args.join(' ')).toThrow(CommanderError);
  });
});
