import { Argument, cacheDir, commandLine, Option, textValue } from '@headrace/local';
import type { Scenario } from './harness/bench.ts';

/** The command line of `npm run bench`, before it is parsed. */
export function benchCommand(all: readonly Scenario[]) {
  const names = all.map(({ name }) => name);
  const width = Math.max(...names.map(({ length }) => length));
  const lines = all.map(
    ({ name, title, onlyByName = false }) =>
      `  ${name.padEnd(width)}  ${title}${onlyByName ? ' (only when named: it takes long)' : ''}`,
  );
  const description = [
    'Measures Headrace and its peers in one run, on servers of its own.',
    '',
    'Scenarios:',
    ...lines,
  ];
  return commandLine('npm run bench --', description.join('\n'))
    .addArgument(new Argument('[scenario...]', 'what to measure').choices(names))
    .option('--quick', 'check that everything works; the numbers mean nothing')
    .addOption(
      new Option('--out <folder>', 'where the results are written')
        .default(`${cacheDir}/bench`, '.cache/bench')
        .argParser(textValue),
    );
}

/** @throws CommanderError */
export function parseOptions(args: readonly string[], all: readonly Scenario[]) {
  const command = benchCommand(all).parse(args, { from: 'user' });
  const [named] = command.processedArgs;
  const { quick = false, out } = command.opts();
  const scenarios = all.filter(({ name, onlyByName = false }) =>
    named.length === 0 ? !onlyByName : named.includes(name),
  );
  return { quick, out, scenarios };
}
