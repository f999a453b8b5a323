import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

describe('the command line', () => {
  it('has defaults', () => {
    expect(parseOptions([])).toEqual({ requests: 20_000 });
  });

  it('takes a seed and a number of requests', () => {
    expect(parseOptions(['--seed', '7', '--requests', '100000'])).toMatchObject({
      seed: 7,
      requests: 100_000,
    });
  });

  it.each([
    [['--seed', 'x'], "option '--seed <n>' argument 'x' is invalid. It must be a whole number"],
    [['--requests', '0'], "option '--requests <n>' argument '0' is invalid. It must be a whole number"],
    [['--what'], "unknown option '--what'"],
  ])('refuses %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
