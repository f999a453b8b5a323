import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { projectDir } from '@headrace/local';
import { type OwnServer, startOwnRedis } from '@headrace/test-kit';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from './support/eventually.ts';
import { withRedis } from './support/log.ts';

/** Each command stands in for the one of its name; the Redis and its files are real. */
const standIns = {
  // compose exec -T [-e NAME] <service> <command …>, of which the Redis is here
  docker: `shift 3
while [[ $1 == -* ]]; do shift 2; done
[[ $1 == redis ]] || { echo "$2 of $1"; exit; }
shift
exec "\${@//\\/data/$DATA_DIR}"`,
  // one command, which is answered with one line
  'redis-cli': `while [[ $1 == -* ]]; do shift; done
exec 3<>"/dev/tcp/127.0.0.1/$REDIS_PORT"
echo "$*" >&3
head -n 1 <&3`,
  // where the test asks for it, it does not end before the test has done something
  tar: `PATH=$REST_OF_PATH tar "$@"; code=$?
until [[ -z $WAIT_FOR || -e $WAIT_FOR ]]; do sleep 0.05; done
exit $code`,
};

interface Backup {
  readonly child: ChildProcess;
  readonly errors: () => string;
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>;
}

let server: OwnServer;
let redis: Redis;
let dir: string;
const running: ChildProcess[] = [];

beforeEach(async () => {
  dir = await mkdtemp(`${tmpdir()}/headrace-backup-`);
  for (const [name, body] of Object.entries(standIns)) {
    await writeFile(`${dir}/${name}`, `#!/usr/bin/env bash\n${body}\n`);
    await chmod(`${dir}/${name}`, 0o755);
  }
  server = await startOwnRedis();
  redis = new Redis(server.url, { protocol: 2 });
  for (let i = 0; i < 100; i += 1) await redis.set(`key-${i}`, i);
});
afterEach(async () => {
  for (const child of running.splice(0)) endGroup(child);
  redis.disconnect();
  await server.close();
  await rm(dir, { recursive: true });
});

/** Ends the script with all that it has started. */
function endGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
}

/** Its copy of the log is not finished before `waitFor` is there. */
function backup(name: string, waitFor = ''): Backup {
  const path = process.env['PATH'] ?? '';
  const child = spawn(`${projectDir}/infra/backup.sh`, [`${dir}/${name}`], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: `${dir}:${path}`,
      REST_OF_PATH: path,
      DATA_DIR: server.dir,
      REDIS_PORT: String(server.port),
      WAIT_FOR: waitFor && `${dir}/${waitFor}`,
    },
  });
  running.push(child);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, errors: () => errors, ended };
}

async function copyBegun(name: string): Promise<void> {
  await eventually('a copy', async () =>
    expect((await stat(`${dir}/${name}.part/redis.tar`)).size).toBeGreaterThan(0),
  );
}

async function expectRewritingOn(): Promise<void> {
  const [, percentage] = (await redis.config('GET', 'auto-aof-rewrite-percentage')) as string[];
  expect(percentage).toBe('100');
}

async function manifest(): Promise<string> {
  return await readFile(`${server.dir}/appendonlydir/appendonly.aof.manifest`, 'utf8');
}

/** A Redis that is started on the backup has everything. */
async function expectSound(name: string): Promise<void> {
  expect((await readdir(`${dir}/${name}`)).toSorted()).toEqual(['postgres.dump', 'redis.tar']);
  const copy = await mkdtemp(`${dir}/copy-`);
  const child = spawn('tar', ['-C', copy, '-xf', `${dir}/${name}/redis.tar`], { stdio: 'inherit' });
  expect(await once(child, 'close')).toEqual([0, null]);
  const restored = await startOwnRedis({ dir: copy });
  try {
    await withRedis(restored.url, async (client) => expect(await client.dbsize()).toBe(100));
  } finally {
    await restored.close();
  }
}

it('a backup that is killed leaves Redis as it was', async () => {
  await expectRewritingOn();
  const { child, ended } = backup('killed', 'never');
  await copyBegun('killed');
  await expectRewritingOn();
  endGroup(child);
  expect(await ended).toBeNull();
  await expectRewritingOn();
  expect(await readdir(dir)).not.toContain('killed');
  expect(await backup('whole').ended).toBe(0);
  await expectRewritingOn();
  await expectSound('whole');
});

it('what is copied while Redis rewrites its append-only file is copied again', async () => {
  const { errors, ended } = backup('again', 'rewritten');
  await copyBegun('again');
  const before = await manifest();
  await redis.bgrewriteaof();
  await eventually('other files', async () => {
    expect(await manifest()).not.toBe(before);
    expect(await redis.info('persistence')).toContain('aof_rewrite_in_progress:0');
  });
  await writeFile(`${dir}/rewritten`, '');
  expect(await ended).toBe(0);
  expect(errors()).toContain('copying it again (attempt 1 of 10)');
  expect(errors()).not.toContain('attempt 2');
  await expectSound('again');
});

it('a backup may be taken while another one is', async () => {
  const first = backup('first', 'second');
  await copyBegun('first');
  expect(await backup('second').ended).toBe(0);
  await expectRewritingOn();
  // the second is there by now
  expect(await first.ended).toBe(0);
  await expectRewritingOn();
  for (const name of ['first', 'second']) await expectSound(name);
});
