import { parseCommandLine, UsageError } from './command-line.ts';
import { defaultDataDir } from './paths.ts';
import { services } from './services.ts';

export interface LauncherOptions {
  readonly help: boolean;
  readonly dataDir: string;
  /** Undefined: all services. */
  readonly only: readonly string[] | undefined;
  readonly scale: Readonly<Record<string, number>>;
  readonly watch: boolean;
}

export const helpText = `npm start -- [options]

Runs the whole system on this machine: Redis, PostgreSQL, a mail inbox and the services.

Options
  --scale <service>=<n>   n instances of a service; may be given several times
  --only <service,…>      only these services; "none" for the servers alone
  --data <folder>         where the servers keep their data (default .data)
  --watch                 restart a service when its code changes
  --help                  this text

Services: ${services.map(({ name }) => name).join(', ')}

Environment
  REDIS_URL, DATABASE_URL, SMTP_URL   use these servers instead of starting own ones
  HEADRACE_PORT_BASE      the services' first port (default 3000)
  REDIS_PORT              port of the own Redis (default 6390)
  POSTGRES_PORT           port of the own PostgreSQL (default 5442)
  MAIL_SMTP_PORT          port of the own mail server (default 1025)
  MAIL_WEB_PORT           port of the inbox's web page (default 1080)
  HEADRACE_CONTAINERS     "off": do not use Docker, even if it is there
  LOG_PARTITIONS          partitions of a new log (default 8)
  LOG_LEVEL               level of the services' logs (default info)
Everything else is handed on to the services as it is.
`;

/** Reads the command line; throws {@link UsageError}. */
export function parseOptions(args: readonly string[]): LauncherOptions {
  const values = parseCommandLine('npm start', args, {
    help: { type: 'boolean', short: 'h' },
    data: { type: 'string' },
    only: { type: 'string' },
    scale: { type: 'string', multiple: true },
    watch: { type: 'boolean' },
  });
  return {
    help: values.help ?? false,
    dataDir: values.data ?? defaultDataDir,
    only: values.only === undefined ? undefined : parseOnly(values.only),
    scale: Object.fromEntries((values.scale ?? []).map(parseScale)),
    watch: values.watch ?? false,
  };
}

function parseOnly(text: string): readonly string[] {
  if (text === 'none') return [];
  return text.split(',').map((name) => name.trim());
}

function parseScale(text: string): [string, number] {
  const match = /^([a-z0-9-]+)=(\d+)$/.exec(text);
  const count = Number(match?.[2]);
  if (!match?.[1] || count < 1 || count > 64) {
    throw new UsageError(`--scale takes <service>=<1 to 64>, such as email-worker=3, not "${text}".`);
  }
  return [match[1], count];
}
