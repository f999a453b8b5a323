import { commandLine, wholeNumber } from '@headrace/local';

export const DEFAULT_PARTITIONS = 8;

/** Reads the command line; throws a CommanderError. */
export function parseOptions(args: readonly string[]) {
  return commandLine(
    'npm run test:faults --',
    'Runs the whole system under load, kills, stops and disconnects parts of it, and then proves from the log that ' +
      'nothing was lost, doubled or reordered. A run takes about a minute.',
  )
    .option(
      '--seed <n>',
      'repeat the faults of an earlier run; default: a new seed, which is printed',
      wholeNumber(0, 2 ** 31),
    )
    .option('--seconds <n>', 'how long the load lasts', wholeNumber(10, 86_400), 40)
    .option(
      '--partitions <n>',
      'of the log; with 1 it is one Redis stream',
      wholeNumber(1, 64),
      DEFAULT_PARTITIONS,
    )
    .option('--runs <n>', 'runs in a row, each with the next seed', wholeNumber(1, 10_000), 1)
    .parse(args, { from: 'user' })
    .opts();
}
