import type { DebianProgram } from './unpacked-program.ts';

/** Programs that can be taken out of the packages of Debian and its relatives. */
export const debianPrograms = {
  redis: {
    name: 'Redis',
    // redis-server is a link to a program in redis-tools, so both are needed even if one is installed.
    packages: ['redis-server', 'redis-tools'],
    path: 'usr/bin/redis-server',
    probe: '--version',
    likelyLibraries: [
      ...['libjemalloc2', 'liblzf1', 'libatomic1', 'liblua5.1-0', 'lua-bitop', 'lua-cjson'],
      ...['libssl3', 'libssl3t64', 'libsystemd0'],
    ],
  },
  /** For the gateway's configuration; without it, only the tests in containers see the gateway. */
  nginx: {
    name: 'nginx',
    packages: ['nginx', 'nginx-common'],
    path: 'usr/sbin/nginx',
    probe: '-v',
    likelyLibraries: ['libpcre2-8-0', 'libpcre3', 'zlib1g', 'libssl3', 'libssl3t64', 'libcrypt1'],
  },
  /** A connection pooler in front of PostgreSQL, which services refuse. */
  pgBouncer: {
    name: 'PgBouncer',
    packages: ['pgbouncer'],
    path: 'usr/sbin/pgbouncer',
    probe: '--version',
    likelyLibraries: [
      'libevent-2.1-7',
      'libevent-2.1-7t64',
      'libc-ares2',
      'libssl3',
      'libssl3t64',
      'libpam0g',
    ],
  },
} satisfies Readonly<Record<string, DebianProgram>>;
