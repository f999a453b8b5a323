import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const HELP = `npm run log -- <command> [options]

Looks after the log. The services may keep running.

Commands
  verify                     compares every stream's index with the log
  rebuild-index              recreates the index from the log, after entries were added by hand or an index was
                             lost; a partition's writers are held off while it is rebuilt
  adopt                      begins with a new log where the old one is lost for good: services whose database knows
                             the old one refuse the new one until then
  import <file>              appends historic events from NDJSON, one event a line:
                             {"stream":"order:1","type":"OrderPlaced","data":{…},"schemaVersion":1,"occurredAt":"…"}

Options
  --partition <n>            only this partition (verify, rebuild-index)
  --id <name>                name of the import (default: the file's path); an import is repeated safely under
                             its name, for 30 days, also when lines were added, mended or moved meanwhile
  --help                     this text

Environment
  REDIS_URL                  default redis://127.0.0.1:6390, where npm start has it
  REDIS_PORT                 of the Redis of npm start, where it was given another (default 6390)
  LOG_PARTITIONS, KEY_PREFIX as the services have them (default 8, headrace)
`;

export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'adopt' }
  | { readonly name: 'verify' | 'rebuild-index'; readonly partition: number | undefined }
  | { readonly name: 'import'; readonly file: string; readonly id: string };

/** A command line that is not understood; the message says what is wrong with it. */
export class UsageError extends Error {
  readonly code = 'USAGE';
  constructor(message: string, options?: ErrorOptions) {
    super(`${message} See npm run log -- --help.`, options);
    this.name = 'UsageError';
  }
}

/** @throws UsageError */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  const [name, file, ...rest] = positionals;
  if (values.help === true || name === undefined) return { name: 'help' };
  if (rest.length > 0) throw new UsageError(`Too many arguments: ${rest.join(' ')}.`);
  if (name === 'import') {
    if (file === undefined) throw new UsageError('import needs a file.');
    return { name, file, id: values.id ?? resolve(file) };
  }
  if (name !== 'adopt' && name !== 'verify' && name !== 'rebuild-index')
    throw new UsageError(`Unknown command "${name}".`);
  if (file !== undefined) throw new UsageError(`${name} takes no "${file}".`);
  return name === 'adopt' ? { name } : { name, partition: partitionOf(values.partition) };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        partition: { type: 'string' },
        id: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function partitionOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,4}$/.test(text)) throw new UsageError(`--partition must be a number from 0 up, not "${text}".`);
  return Number(text);
}
