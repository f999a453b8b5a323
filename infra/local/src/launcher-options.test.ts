import { CommanderError } from '@commander-js/extra-typings';
import { describe, expect, it } from 'vitest';
import { parseOptions } from './launcher-options.ts';
import { defaultDataDir } from './project-paths.ts';

describe('parseOptions', () => {
  it('runs everything once by default, on .data', () => {
    expect(parseOptions([])).toEqual({
      dataDir: defaultDataDir,
      scale: {},
    });
  });

  it('reads instances per service', () => {
    expect(parseOptions(['--scale', 'email-worker=3', '--scale=order-api=2']).scale).toEqual({
      'email-worker': 3,
      'order-api': 2,
    });
  });

  it.each(['email-worker', 'email-worker=', 'email-worker=0', 'email-worker=x', '=3', 'email-worker=65'])(
    'rejects --scale %s',
    (value) => {
      expect(() => parseOptions(['--scale', value])).toThrow(CommanderError);
    },
  );

  it('reads the services to run, and "none"', () => {
    expect(parseOptions(['--only', 'order-api, email-worker']).only).toEqual(['order-api', 'email-worker']);
    expect(parseOptions(['--only', 'none']).only).toEqual([]);
  });

  it.each([[['--scales', 'a=1']], [['order-api']], [['--data']], [['--data', '--watch']]])(
    'rejects %j',
    (args) => {
      expect(() => parseOptions(args)).toThrow(CommanderError);
    },
  );
});
