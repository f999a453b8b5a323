import { parseArgs } from 'node:util';

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

/** A command line that is not understood; the message says what is wrong with it. */
export class UsageError extends Error {
  readonly code = 'USAGE';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
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
  const values = parse(args);
  return {
    help: values.help ?? false,
    seed: values.seed === undefined ? undefined : wholeNumber('--seed', values.seed, 0, 2 ** 31),
    seconds: wholeNumber('--seconds', values.seconds ?? '40', 10, 86_400),
    runs: wholeNumber('--runs', values.runs ?? '1', 1, 10_000),
    partitions: wholeNumber('--partitions', values.partitions ?? String(DEFAULT_PARTITIONS), 1, 64),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        help: { type: 'boolean', short: 'h' },
        seed: { type: 'string' },
        seconds: { type: 'string' },
        runs: { type: 'string' },
        partitions: { type: 'string' },
      },
    }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${message} See npm run test:faults -- --help.`, { cause: error });
  }
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`${name} takes a whole number from ${min} to ${max}, not "${text}".`);
}
