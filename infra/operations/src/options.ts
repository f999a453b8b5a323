import { resolve } from 'node:path';
import { commandLine, textValue, wholeNumber } from '@headrace/local';
import { adopt, importFile, type LogOperation, rebuild, verify } from './run.ts';

const environment = `
Environment:
  REDIS_URL                  default redis://127.0.0.1:6390, where npm start has it
  REDIS_PORT                 of the Redis of npm start, if it was given another (default 6390)
  LOG_PARTITIONS, KEY_PREFIX as the services have them (default 8, headrace)`;

/**
 * What the command line asks for; without arguments it asks for the help.
 * @throws CommanderError
 */
export function parseOperation(args: readonly string[]): LogOperation {
  let operation: LogOperation = async () => false;
  const program = commandLine('npm run log --', 'Checks and repairs the log. The services may keep running.')
    .option('--partition <n>', 'only this partition (verify, rebuild-index)', wholeNumber(0, 9999))
    .option(
      '--id <name>',
      "name of the import; default: the file's path. An import can safely be repeated under its name for 30 days, " +
        'also if lines were added, corrected or moved meanwhile',
      textValue,
    )
    .addHelpText('after', environment);
  program
    .command('verify')
    .description("compares every stream's index with the log")
    .action(() => {
      operation = verify(program.opts().partition);
    });
  program
    .command('rebuild-index')
    .description(
      'recreates the index from the log, after entries were added by hand or an index was lost; ' +
        "a partition's writers wait while it is rebuilt",
    )
    .action(() => {
      operation = rebuild(program.opts().partition);
    });
  program
    .command('adopt')
    .description(
      'accepts a new log in the place of one that is lost for good; until then, services whose database knows ' +
        'the old log refuse the new one',
    )
    .action(() => {
      operation = adopt;
    });
  program
    .command('import')
    .argument('<file>')
    .description(
      'appends historic events from NDJSON, one event a line:\n' +
        '{"stream":"order:1","type":"OrderPlaced","data":{…},"schemaVersion":1,"occurredAt":"…"}',
    )
    .action((file) => {
      operation = importFile(file, program.opts().id ?? resolve(file));
    });
  program.parse(args.length === 0 ? ['--help'] : args, { from: 'user' });
  return operation;
}
