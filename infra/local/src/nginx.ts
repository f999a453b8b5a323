import {
  type AptProgram,
  canDownloadPrograms,
  type UnpackedProgram,
  unpackedProgram,
} from './apt-program.ts';
import { cacheDir } from './paths.ts';
import { outputOf } from './processes.ts';

const nginx: AptProgram = {
  name: 'nginx',
  packages: ['nginx', 'nginx-common'],
  path: 'usr/sbin/nginx',
  probe: '-v',
  likelyLibraries: ['libpcre2-8-0', 'libpcre3', 'zlib1g', 'libssl3', 'libssl3t64', 'libcrypt1'],
};

/**
 * An nginx to test the gateway's configuration with: on the PATH, or the distribution's package unpacked into the
 * project's cache. Undefined where neither can be had; the tests in containers see the gateway itself.
 */
export async function findNginx(env: NodeJS.ProcessEnv): Promise<UnpackedProgram | undefined> {
  if ((await outputOf('nginx', ['-v'], { env, timeoutMs: 5000 })) !== undefined)
    return { command: 'nginx', env: {} };
  if (!(await canDownloadPrograms())) return undefined;
  // such as without a network
  return await unpackedProgram(nginx, `${cacheDir}/nginx`, () => undefined).catch(() => undefined);
}
