import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const FIXTURE = fileURLToPath(new URL('./fixtures/service.ts', import.meta.url));
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A real process of the fixture service; `says` waits until its output contains a text. */
function run(behaviour = '', settings: Record<string, string> = {}, ...more: string[]) {
  const args = ['--conditions=@headrace/source', FIXTURE, behaviour, JSON.stringify(settings), ...more];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const says = (text: string) => expect.poll(() => output, { timeout: 15_000, interval: 20 }).toContain(text);
  const exit = once(child, 'close').then(([code, signal]) => code ?? signal);
  const url = async () => {
    await says('is listening on');
    return /http:\/\/[\d.:]+/.exec(output)?.[0] ?? '';
  };
  return { child, says, exit, url, output: () => output };
}

/** A pipe that is full for a moment may get lines late; their times tell. */
function messagesByTime(output: string): readonly string[] {
  const lines = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { time: string; msg: string });
  return lines.sort((a, b) => a.time.localeCompare(b.time)).map(({ msg }) => msg);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('runService', () => {
  it('starts, becomes ready, and leaves in order on SIGTERM', async () => {
    const service = run();
    const url = await service.url();
    await service.says('"msg":"started"');
    await expect.poll(async () => (await fetch(`${url}/health/ready`)).status).toBe(200);
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(0);
    expect(messagesByTime(service.output()).slice(-3)).toEqual([
      'fixture is stopping',
      'stopping what runs beside HTTP',
      'fixture has stopped',
    ]);
  });

  it('answers what is in flight before it stops the rest', async () => {
    const service = run();
    const url = await service.url();
    const answer = fetch(`${url}/slow`).then((response) => response.json());
    await service.says('slow request has begun');
    service.child.kill('SIGINT');
    expect(await answer).toEqual({ done: true });
    expect(await service.exit).toBe(0);
  });

  it('is live but not ready while it starts, and can be stopped then', async () => {
    const service = run('start-waits');
    const url = await service.url();
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const ready = await fetch(`${url}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'starting', checks: [] }]);
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(0);
  });

  it('waits for a server that comes up later, and is ready then', async () => {
    const port = await freePort();
    const service = run('', {}, String(port));
    const ready = `${await service.url()}/health/ready`;
    await service.says('the other server cannot be reached yet');
    expect((await fetch(ready)).status).toBe(503);
    const server = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
    await service.says('the other server is there');
    await expect.poll(async () => (await fetch(ready)).status).toBe(200);
    server.close();
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(0);
  });

  it('can be stopped while it waits for a server', async () => {
    const service = run('', {}, String(await freePort()));
    await service.says('the other server cannot be reached yet');
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(0);
    expect(service.output()).not.toContain('could not start');
  });

  it('gives up when stopping takes too long', async () => {
    const service = run('stop-hangs', { SHUTDOWN_TIMEOUT_MS: '300' });
    await service.url();
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(1);
    expect(service.output()).toContain('did not stop in order');
  });

  it('exits at once on a second signal', async () => {
    const service = run('stop-hangs', { SHUTDOWN_TIMEOUT_MS: '60000' });
    await service.url();
    service.child.kill('SIGTERM');
    await service.says('stopping what runs beside HTTP');
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(1);
  });

  it('says which port is busy and which setting changes it', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const address = blocker.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const service = run('', { PORT: String(port) });
    expect(await service.exit).toBe(1);
    expect(service.output()).toContain(`port ${port} on 127.0.0.1 is in use`);
    expect(service.output()).toContain('set PORT');
    blocker.close();
  });

  it('stops what it had opened when starting fails', async () => {
    const service = run('start-fails');
    expect(await service.exit).toBe(1);
    expect(service.output()).toMatch(/could not start[\s\S]*stopping what runs beside HTTP/);
  });

  it.each(['throw-later', 'reject-later'])(
    'logs and exits after an error that nobody caught: %s',
    async (path) => {
      const service = run();
      await fetch(`${await service.url()}/${path}`);
      expect(await service.exit).toBe(1);
      expect(service.output()).toMatch(/"level":"fatal".*nobody/);
    },
  );

  it('does not start with invalid settings', async () => {
    const service = run('', { PORT: 'http' });
    expect(await service.exit).toBe(1);
    expect(service.output()).toContain('PORT: must be a whole number');
    expect(service.output()).not.toContain('    at ');
  });
});
