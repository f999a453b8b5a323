import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { commandLine, textValue } from './command-line.ts';
import { defaultDataDir } from './project-paths.ts';
import { services } from './services.ts';

const environment = `
Services: ${services.map(({ name }) => name).join(', ')}

Environment:
  REDIS_URL, DATABASE_URL, SMTP_URL   use these servers instead of starting own ones
  HEADRACE_PORT_BASE      the services' first port (default 3000)
  REDIS_PORT              port of the own Redis (default 6390)
  POSTGRES_PORT           port of the own PostgreSQL (default 5442)
  MAIL_SMTP_PORT          port of the own mail server (default 1025)
  MAIL_WEB_PORT           port of the inbox's web page (default 1080)
  HEADRACE_CONTAINERS     "off": do not use Docker, even if it is there
  LOG_PARTITIONS          partitions of a new log (default 8)
  LOG_LEVEL               level of the services' logs (default info)
Everything else is passed on to the services unchanged.`;

/** Where the servers keep their data; `npm start` and `npm run clean` both have it. */
export function dataOption() {
  return new Option('--data <folder>', 'where the servers keep their data')
    .default(defaultDataDir, '.data')
    .argParser(textValue);
}

/** Reads the command line of `npm start`; throws a CommanderError. */
export function parseOptions(args: readonly string[]) {
  const { data, ...others } = commandLine(
    'npm start --',
    'Runs the whole system on this machine: Redis, PostgreSQL, a mail inbox and the services.',
  )
    .addOption(
      new Option('--scale <service=n>', 'n instances of a service; may be given several times')
        .default<Readonly<Record<string, number>>>({}, '1 of each')
        .argParser(addScale),
    )
    .option(
      '--only <services>',
      'only these services, separated by commas; "none" for the servers alone',
      parseOnly,
    )
    .addOption(dataOption())
    .option('--watch', 'restart a service when its code changes')
    .addHelpText('after', environment)
    .parse(args, { from: 'user' })
    .opts();
  return { ...others, dataDir: data };
}

function parseOnly(text: string): readonly string[] {
  if (text === 'none') return [];
  return text.split(',').map((name) => name.trim());
}

function addScale(text: string, scale: Readonly<Record<string, number>>): Record<string, number> {
  const match = /^([a-z0-9-]+)=(\d+)$/.exec(text);
  const count = Number(match?.[2]);
  if (!match?.[1] || count < 1 || count > 64)
    throw new InvalidArgumentError('It must be <service>=<1 to 64>, such as email-worker=3.');
  return { ...scale, [match[1]]: count };
}
