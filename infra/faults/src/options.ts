import { parseCommandLine, wholeNumber } from '@headrace/local';

export const DEFAULT_PARTITIONS = 8;

export interface FaultOptions {
  readonly help: boolean;
  /** Undefined: a new one by the clock. */
  readonly seed: number | undefined;
  readonly seconds: number;
  readonly runs: number;
  /** Of the log. */
  readonly partitions: number;
}

export const helpText = `npm run test:faults -- [options]

Runs the whole system under load, kills, stops and cuts off parts of it, and then proves from the log that nothing was
lost, doubled or put out of order. Takes about a minute a run.

Options
  --seed <n>        repeat the faults of an earlier run (default: a new seed, which is printed)
  --seconds <n>     how long the load lasts (default 40)
  --partitions <n>  of the log (default 8); with 1 it is one Redis stream
  --runs <n>        runs in a row, each with the seed after the last (default 1)
  --help            this text
`;

/** Reads the command line; throws {@link UsageError}. */
export function parseOptions(args: readonly string[]): FaultOptions {
  const values = parseCommandLine('npm run test:faults', args, {
    help: { type: 'boolean', short: 'h' },
    seed: { type: 'string' },
    seconds: { type: 'string' },
    runs: { type: 'string' },
    partitions: { type: 'string' },
  });
  return {
    help: values.help ?? false,
    seed: values.seed === undefined ? undefined : wholeNumber('--seed', values.seed, 0, 2 ** 31),
    seconds: wholeNumber('--seconds', values.seconds ?? '40', 10, 86_400),
    runs: wholeNumber('--runs', values.runs ?? '1', 1, 10_000),
    partitions: wholeNumber('--partitions', values.partitions ?? String(DEFAULT_PARTITIONS), 1, 64),
  };
}
