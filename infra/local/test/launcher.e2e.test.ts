import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  AlreadyRunningError,
  findFreePort,
  NotReadyError,
  projectDir,
  runTool,
  type System,
  startSystem,
} from '../src/index.ts';

const fake = {
  name: 'fake',
  portOffset: 0,
  entry: fileURLToPath(new URL('fixtures/fake-service.ts', import.meta.url)),
};

let dataDir: string;
const systems: System[] = [];
const children: ChildProcess[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'headrace-launcher-'));
});

afterEach(async () => {
  await Promise.all(systems.splice(0).map((system) => system.stop()));
  await Promise.all(children.splice(0).map(killed));
  await rm(dataDir, { recursive: true, force: true });
});

/** Resolves when the process is gone, and so writes nothing more. */
async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function waitFor<T>(
  probe: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await Promise.resolve()
      .then(probe)
      .catch(() => undefined);
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Nothing within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function environmentOf(url: string): Promise<Record<string, string | number | undefined>> {
  const response = await fetch(`${url}/environment`);
  return (await response.json()) as Record<string, string | number | undefined>;
}

describe('startSystem', () => {
  const start = async (options: Parameters<typeof startSystem>[0] = {}): Promise<System> => {
    const system = await startSystem({ dataDir, services: [fake], ...options });
    systems.push(system);
    return system;
  };

  it('hands the servers’ URLs and the outer environment to every instance', async () => {
    const system = await start({ scale: { fake: 2 }, env: { LOG_PARTITIONS: '1' } });
    const instances = system.services['fake'] ?? [];
    const seen = await Promise.all(instances.map(({ url }) => environmentOf(url)));
    expect(seen.map(({ INSTANCE_ID }) => INSTANCE_ID)).toEqual(['fake-1', 'fake-2']);
    expect(seen.map(({ pid }) => pid)).toEqual(instances.map(({ pid }) => pid));
    for (const environment of seen) {
      expect(environment).toMatchObject({
        REDIS_URL: system.urls['redis'],
        DATABASE_URL: system.urls['postgres'],
        SMTP_URL: system.urls['smtp'],
        LOG_PARTITIONS: '1',
      });
    }
  });

  it('starts a service again that dies, and leaves one down that was killed on purpose', async () => {
    const messages: string[] = [];
    const log = { line: () => undefined, message: (text: string) => void messages.push(text) };
    const system = await start({ log });
    const instance = system.services['fake']?.[0];
    if (!instance?.pid) throw new Error('The fake service does not run.');
    const firstPid = instance.pid;
    process.kill(firstPid, 'SIGKILL');
    await waitFor(async () => ((await environmentOf(instance.url))['pid'] === firstPid ? undefined : true));
    expect(messages.join('\n')).toMatch(
      /fake ended unexpectedly \(signal SIGKILL\)\n.*started again in 0\.5 s/,
    );

    await instance.kill();
    expect(instance.pid).toBeUndefined();
    await expect(environmentOf(instance.url)).rejects.toThrow();
    await instance.restart();
    expect((await environmentOf(instance.url))['pid']).toBe(instance.pid);
  });

  it('refuses a second system on the same data, and allows it after the first', async () => {
    const first = await start({ only: [] });
    await expect(start({ only: [] })).rejects.toThrow(AlreadyRunningError);
    await first.stop();
    await start({ only: [] });
  });

  it('says why a service did not start, and stops everything', async () => {
    const failing = start({ env: { FAKE_BROKEN: '1' } });
    await expect(failing).rejects.toThrow(NotReadyError);
    await expect(failing).rejects.toThrow('the configuration is wrong');
    expect(existsSync(`${dataDir}/launcher.json`)).toBe(false);
  });
});

describe('npm start', () => {
  async function launch(): Promise<{
    child: ChildProcess;
    output: () => string;
    exitCode: Promise<number | null>;
  }> {
    const names = ['REDIS_PORT', 'POSTGRES_PORT', 'MAIL_SMTP_PORT', 'MAIL_WEB_PORT'];
    const ports = Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, String(await findFreePort())])),
    );
    const child = spawn(
      process.execPath,
      ['--conditions=@headrace/source', 'infra/local/src/start.ts', '--only', 'none', '--data', dataDir],
      { cwd: projectDir, env: { ...process.env, ...ports }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    children.push(child);
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      text += String(chunk);
    });
    const exitCode = new Promise<number | null>((resolve) => child.once('exit', resolve));
    return { child, output: () => text, exitCode };
  }

  async function run(
    script: string,
    args: readonly string[],
  ): Promise<{ code: number | undefined; output: string }> {
    const options = { cwd: projectDir };
    const { code, stdout, stderr } = await runTool(
      process.execPath,
      [`infra/local/src/${script}`, ...args],
      options,
    );
    return { code, output: stdout + stderr };
  }

  it('stops everything on Ctrl-C and exits with 0; clean refuses before and removes the data after', async () => {
    const { child, output, exitCode } = await launch();
    await waitFor(() => (output().includes('Ready after') ? true : undefined));

    const refused = await run('clean.ts', ['--data', dataDir]);
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('already runs') });

    child.kill('SIGINT');
    expect(await exitCode).toBe(0);
    expect(output()).toContain('Everything is stopped');

    const cleaned = await run('clean.ts', ['--data', dataDir]);
    expect(cleaned).toMatchObject({ code: 0, output: expect.stringContaining('Removed') });
    expect(existsSync(dataDir)).toBe(false);
  });

  it('ends what a killed launcher left behind, and starts', async () => {
    const first = await launch();
    await waitFor(() => (first.output().includes('Ready after') ? true : undefined));
    first.child.kill('SIGKILL');
    await first.exitCode;

    const second = await launch();
    await waitFor(() => (second.output().includes('Ready after') ? true : undefined));
    expect(second.output()).toContain('Ending 3 processes that a killed launcher left behind');
    second.child.kill('SIGTERM');
    expect(await second.exitCode).toBe(0);
  });

  it('rejects unknown options with exit code 1', async () => {
    const { code, output } = await run('start.ts', ['--scael', 'email-worker=3']);
    expect(code).toBe(1);
    expect(output).toContain('--scael');
  });

  it('refuses to clean a folder that holds something else', async () => {
    const { code, output } = await run('clean.ts', ['--data', projectDir]);
    expect(code).toBe(1);
    expect(output).toContain('Nothing was removed');
    expect(existsSync(`${projectDir}/package.json`)).toBe(true);
  });
});
