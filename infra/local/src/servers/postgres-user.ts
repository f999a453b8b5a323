import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ChildCommand } from '../processes/child.ts';
import { outputOf } from '../processes/run-tool.ts';
import { type PostgresProgram, PostgresUnavailableError } from './postgres-program.ts';

interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

/** The user that runs PostgreSQL and owns its data. */
export interface PostgresUser {
  /** Undefined if it is the user of this process. */
  readonly ids: UserIds | undefined;
  /** What to start so that the command runs as this user. */
  run(command: string, args: readonly string[]): Omit<ChildCommand, 'cwd' | 'env'>;
}

/**
 * PostgreSQL refuses to run as root. As root it runs as the owner of an existing data folder, else as `postgres`, else
 * as `nobody`; no user is created. If that user may not enter the project's folder (a checkout below /root), setpriv
 * grants the process the one capability that lets it.
 * @throws PostgresUnavailableError
 */
export async function postgresUser(program: PostgresProgram, dir: string): Promise<PostgresUser> {
  if (process.getuid?.() !== 0) return { ids: undefined, run: (command, args) => ({ command, args }) };
  const ids = ownerOf(dir) ?? (await idsOf('postgres')) ?? (await idsOf('nobody'));
  if (!ids)
    throw new PostgresUnavailableError(
      'PostgreSQL does not run as root, and there is no user postgres or nobody.',
    );
  const mayRun = await succeedsAs(ids, program.postgres, ['--version']);
  if (mayRun && (await succeedsAs(ids, '/bin/sh', ['-c', 'cd "$1"', 'sh', dirname(dir)])))
    return { ids, run: (command, args) => ({ command, args, ...ids }) };

  const withCapability = [
    `--reuid=${ids.uid}`,
    `--regid=${ids.gid}`,
    '--clear-groups',
    '--inh-caps=-all,+dac_override',
    '--ambient-caps=-all,+dac_override',
  ];
  if ((await outputOf('setpriv', [...withCapability, program.postgres, '--version'])) === undefined)
    throw new PostgresUnavailableError(
      `PostgreSQL does not run as root, and the user it would run as (uid ${ids.uid}) may not enter ` +
        `${dirname(dir)}. Run as a normal user, or move the project to a folder that every user may enter.`,
    );
  return {
    ids,
    run: (command, args) => ({ command: 'setpriv', args: [...withCapability, command, ...args] }),
  };
}

function ownerOf(dir: string): UserIds | undefined {
  if (!existsSync(dir)) return undefined;
  const { uid, gid } = statSync(dir);
  return uid === 0 ? undefined : { uid, gid };
}

async function idsOf(user: string): Promise<UserIds | undefined> {
  const [uid, gid] = await Promise.all([outputOf('id', ['-u', user]), outputOf('id', ['-g', user])]);
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

async function succeedsAs(ids: UserIds, command: string, args: readonly string[]): Promise<boolean> {
  return (await outputOf(command, args, { ...ids, cwd: '/' })) !== undefined;
}
