import { commandLine, wholeNumber } from '@headrace/local';

/** Reads the command line; throws a CommanderError. */
export function parseOptions(args: readonly string[]) {
  return commandLine(
    'npm run test:fuzz --',
    'Starts its own system, sends it requests made from the OpenAPI documents of the services, some of them spoiled ' +
      'in one place, and checks every answer against its document. At the end, no worker may have parked an event that ' +
      'was accepted.',
  )
    .option('--requests <n>', 'how many; 20000 take about a minute', wholeNumber(1, 100_000_000), 20_000)
    .option(
      '--seed <n>',
      'of the first request, each later one has the next seed; default: a new seed, which is printed',
      wholeNumber(0, 2 ** 30),
    )
    .parse(args, { from: 'user' })
    .opts();
}
