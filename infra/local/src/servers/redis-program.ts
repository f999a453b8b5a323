import { messageOf } from '../command-line.ts';
import { outputOf } from '../processes/run-tool.ts';
import { debianPrograms } from './debian-programs.ts';
import { dockerHasImage } from './docker.ts';
import { canUnpackPrograms, unpackedProgram } from './unpacked-program.ts';

export const redisImage = 'redis:8';

/** Redis 7.0 is the floor: older ones lack what the append-only file needs. Valkey starts at 7.2. */
const oldestMajor = 7;

export type RedisProgram =
  | { readonly kind: 'program'; readonly command: string; readonly env: Readonly<Record<string, string>> }
  | { readonly kind: 'docker'; readonly image: string };

/** There is no Redis server for this machine; the message says what was tried and what to install. */
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
 * package unpacked into the project's cache. HEADRACE_CONTAINERS=off excludes Docker.
 */
export async function findRedis(
  env: NodeJS.ProcessEnv,
  onProgress: (message: string) => void,
): Promise<RedisProgram> {
  const tried: string[] = [];
  for (const command of ['redis-server', 'valkey-server']) {
    const answer = await outputOf(command, ['--version'], { env, timeout: 5000 });
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
  if (!(await canUnpackPrograms())) {
    throw new RedisNotFoundError([...tried, 'the distribution’s package: no apt-get and dpkg here']);
  }
  try {
    const unpacked = await unpackedProgram(debianPrograms.redis, 'redis', onProgress);
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
