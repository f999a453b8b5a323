import { type AptProgram, canDownloadPrograms, unpackedProgram } from './apt-program.ts';
import { messageOf } from './command-line.ts';
import { dockerHasImage } from './docker.ts';
import { cacheDir } from './paths.ts';
import { outputOf } from './processes.ts';

export const redisImage = 'redis:8';

/** Redis 7.0 is the floor: older ones lack what the append-only file needs. Valkey starts at 7.2. */
const oldestMajor = 7;

/** In Debian `redis-server` is a link to a program in redis-tools, so both are needed even where one is there. */
const redis: AptProgram = {
  name: 'Redis',
  packages: ['redis-server', 'redis-tools'],
  path: 'usr/bin/redis-server',
  probe: '--version',
  likelyLibraries: [
    'libjemalloc2',
    'liblzf1',
    'libatomic1',
    'liblua5.1-0',
    'lua-bitop',
    'lua-cjson',
    'libssl3',
    'libssl3t64',
    'libsystemd0',
  ],
};

export type RedisProgram =
  | { readonly kind: 'program'; readonly command: string; readonly env: Readonly<Record<string, string>> }
  | { readonly kind: 'docker'; readonly image: string };

/** No Redis server can be had on this machine; the message says what was tried and what to install. */
export class RedisNotFoundError extends Error {
  readonly code = 'REDIS_NOT_FOUND';

  constructor(tried: readonly string[]) {
    super(
      [
        'No Redis server found. Tried:',
        ...tried.map((attempt) => `  - ${attempt}`),
        'Install Redis 7.0 or newer (macOS: brew install redis; Debian/Ubuntu: apt install redis-server;',
        'Fedora: dnf install valkey), or start Docker, or set REDIS_URL to a running server.',
      ].join('\n'),
    );
    this.name = 'RedisNotFoundError';
  }
}

/**
 * Finds a Redis server to run: `redis-server` or `valkey-server` on the PATH, a Docker engine, the distribution's
 * package unpacked into the project's cache. HEADRACE_CONTAINERS=off leaves Docker out.
 */
export async function findRedis(
  env: NodeJS.ProcessEnv,
  onProgress: (message: string) => void,
): Promise<RedisProgram> {
  const tried: string[] = [];
  for (const command of ['redis-server', 'valkey-server']) {
    const answer = await outputOf(command, ['--version'], { env, timeoutMs: 5000 });
    const major = serverMajorVersion(answer ?? '');
    if (major !== undefined && major >= oldestMajor) return { kind: 'program', command, env: {} };
    tried.push(
      major === undefined
        ? `${command} on the PATH: not there`
        : `${command} on the PATH: version ${major} is too old (7.0 is needed)`,
    );
  }
  if (env['HEADRACE_CONTAINERS'] === 'off') tried.push('Docker: HEADRACE_CONTAINERS=off');
  else if (await dockerHasImage(redisImage, onProgress)) return { kind: 'docker', image: redisImage };
  else tried.push(`Docker: no engine answers that has or can fetch ${redisImage}`);

  return downloaded(tried, onProgress);
}

async function downloaded(tried: string[], onProgress: (message: string) => void): Promise<RedisProgram> {
  if (!(await canDownloadPrograms())) {
    throw new RedisNotFoundError([...tried, 'the distribution’s package: no apt-get and dpkg here']);
  }
  try {
    const unpacked = await unpackedProgram(redis, `${cacheDir}/redis`, onProgress);
    const answer = await outputOf(unpacked.command, ['--version'], {
      env: { ...process.env, ...unpacked.env },
    });
    const major = serverMajorVersion(answer ?? '');
    if (major === undefined || major < oldestMajor) {
      throw new Error(`this distribution has version ${major}, 7.0 is needed`);
    }
    return { kind: 'program', ...unpacked };
  } catch (error) {
    throw new RedisNotFoundError([...tried, `the distribution’s package: ${messageOf(error)}`]);
  }
}

/** From `Redis server v=7.0.15 sha=…` or `Valkey server v=8.1.1 …`. */
export function serverMajorVersion(versionLine: string): number | undefined {
  const match = /\bv=(\d+)\./.exec(versionLine);
  return match ? Number(match[1]) : undefined;
}
