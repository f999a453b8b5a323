import {
  type AptProgram,
  canDownloadPrograms,
  type UnpackedProgram,
  unpackedProgram,
} from './apt-program.ts';
import { cacheDir } from './paths.ts';
import { outputOf } from './processes.ts';

const pgbouncer: AptProgram = {
  name: 'PgBouncer',
  packages: ['pgbouncer'],
  path: 'usr/sbin/pgbouncer',
  probe: '--version',
  likelyLibraries: ['libevent-2.1-7', 'libevent-2.1-7t64', 'libc-ares2', 'libssl3', 'libssl3t64', 'libpam0g'],
};

/** A PgBouncer to test with: on the PATH, or the distribution's package unpacked into the cache; undefined where neither can be had. */
export async function findPgBouncer(env: NodeJS.ProcessEnv): Promise<UnpackedProgram | undefined> {
  if ((await outputOf('pgbouncer', ['--version'], { env, timeoutMs: 5000 })) !== undefined)
    return { command: 'pgbouncer', env: {} };
  if (!(await canDownloadPrograms())) return undefined;
  return await unpackedProgram(pgbouncer, `${cacheDir}/pgbouncer`, () => undefined).catch(() => undefined);
}
