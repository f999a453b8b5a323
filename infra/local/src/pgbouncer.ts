import { type AptProgram, findForTests, type UnpackedProgram } from './apt-program.ts';

const pgbouncer: AptProgram = {
  name: 'PgBouncer',
  packages: ['pgbouncer'],
  path: 'usr/sbin/pgbouncer',
  probe: '--version',
  likelyLibraries: ['libevent-2.1-7', 'libevent-2.1-7t64', 'libc-ares2', 'libssl3', 'libssl3t64', 'libpam0g'],
};

/** A connection pooler in front of PostgreSQL, which services refuse. */
export function findPgBouncer(env: NodeJS.ProcessEnv): Promise<UnpackedProgram | undefined> {
  return findForTests(pgbouncer, env);
}
