import { parseArgs } from 'node:util';

export interface FuzzOptions {
  readonly help: boolean;
  /** Undefined: a new one by the clock. */
  readonly seed: number | undefined;
  readonly requests: number;
}

/** A command line that is not understood; the message says what is wrong with it. */
export class UsageError extends Error {
  readonly code = 'USAGE';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

export const helpText = `npm run test:fuzz -- [options]

Starts a system of its own, sends it requests made from the services' OpenAPI documents, some of them spoiled in one
place, and holds every answer against its document. In the end no worker may have parked anything that was accepted.

Options
  --requests <n>  how many (default 20000, which takes about three minutes)
  --seed <n>      of the first request, each other one has the seed after it (default: a new one, which is printed)
  --help          this text
`;

/** Reads the command line; throws {@link UsageError}. */
export function parseOptions(args: readonly string[]): FuzzOptions {
  const values = parse(args);
  return {
    help: values.help ?? false,
    seed: values.seed === undefined ? undefined : wholeNumber('--seed', values.seed, 0, 2 ** 30),
    requests: wholeNumber('--requests', values.requests ?? '20000', 1, 100_000_000),
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
        requests: { type: 'string' },
      },
    }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${message} See npm run test:fuzz -- --help.`, { cause: error });
  }
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`${name} takes a whole number from ${min} to ${max}, not "${text}".`);
}
