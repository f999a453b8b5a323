import { type AptProgram, findForTests, type UnpackedProgram } from './apt-program.ts';

const nginx: AptProgram = {
  name: 'nginx',
  packages: ['nginx', 'nginx-common'],
  path: 'usr/sbin/nginx',
  probe: '-v',
  likelyLibraries: ['libpcre2-8-0', 'libpcre3', 'zlib1g', 'libssl3', 'libssl3t64', 'libcrypt1'],
};

/** An nginx for the gateway's configuration; without one, the tests in containers see the gateway itself. */
export function findNginx(env: NodeJS.ProcessEnv): Promise<UnpackedProgram | undefined> {
  return findForTests(nginx, env);
}
