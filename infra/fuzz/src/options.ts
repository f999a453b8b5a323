import { parseCommandLine, wholeNumber } from '@headrace/local';

export interface FuzzOptions {
  readonly help: boolean;
  /** Undefined: a new one by the clock. */
  readonly seed: number | undefined;
  readonly requests: number;
}

export const helpText = `npm run test:fuzz -- [options]

Starts a system of its own, sends it requests made from the services' OpenAPI documents, some of them spoiled in one
place, and holds every answer against its document. In the end no worker may have parked anything that was accepted.

Options
  --requests <n>  how many (default 20000, which takes about a minute)
  --seed <n>      of the first request, each other one has the seed after it (default: a new one, which is printed)
  --help          this text
`;

/** Reads the command line; throws {@link UsageError}. */
export function parseOptions(args: readonly string[]): FuzzOptions {
  const values = parseCommandLine('npm run test:fuzz', args, {
    help: { type: 'boolean', short: 'h' },
    seed: { type: 'string' },
    requests: { type: 'string' },
  });
  return {
    help: values.help ?? false,
    seed: values.seed === undefined ? undefined : wholeNumber('--seed', values.seed, 0, 2 ** 30),
    requests: wholeNumber('--requests', values.requests ?? '20000', 1, 100_000_000),
  };
}
