import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { findFreePort, type findNginx, projectDir, services } from '@headrace/local';
import { eventually } from './eventually.ts';

type Nginx = NonNullable<Awaited<ReturnType<typeof findNginx>>>;

export interface Gateway {
  /** The gateway's port for the service. */
  port(service: string): number;
  /** All that it has logged. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** The gateway as it is configured for compose, but for addresses and folders. `upstreams` are ports by service. */
export async function startGateway(
  nginx: Nginx,
  upstreams: Readonly<Record<string, number>>,
): Promise<Gateway> {
  const dir = await mkdtemp(join(tmpdir(), 'headrace-gateway-'));
  const ports = new Map<string, number>();
  let config = await readFile(`${projectDir}/infra/gateway/nginx.conf`, 'utf8');
  for (const [at, { name }] of services.entries()) {
    const port = await findFreePort();
    ports.set(name, port);
    const own = 3000 + at;
    config = config
      .replace(`${own} ${name}:${own};`, `${port} 127.0.0.1:${upstreams[name] ?? (await findFreePort())};`)
      .replace(`listen ${own};`, `listen 127.0.0.1:${port};`);
  }
  config = config
    .replaceAll(/^.*resolver.*$/gm, '')
    .replaceAll('/tmp/', `${dir}/`)
    .replace('/dev/stdout', `${dir}/access.log`)
    .replace('/dev/stderr', `${dir}/error.log`)
    .replace('127.0.0.1:8080', `127.0.0.1:${await findFreePort()}`)
    .replace('worker_processes auto;', 'worker_processes 1; daemon off;');
  await writeFile(`${dir}/trusted-proxies.conf`, '');
  // as root it would give its work to somebody who may not enter this folder
  await writeFile(`${dir}/nginx.conf`, process.getuid?.() === 0 ? `user root;\n${config}` : config);
  const child = spawn(nginx.command, ['-p', dir, '-e', `${dir}/error.log`, '-c', `${dir}/nginx.conf`], {
    env: { ...process.env, ...nginx.env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const exited = once(child, 'exit');
  const port = (service: string): number => ports.get(service) ?? 0;
  await eventually('the gateway listens', async () => {
    if (child.exitCode !== null) throw new Error(await readFile(`${dir}/error.log`, 'utf8'));
    await rawAnswer(port('order-api'), 'GET / HTTP/1.0\r\n\r\n');
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    port,
    log: async () =>
      (await Promise.all(['access', 'error'].map((name) => readFile(`${dir}/${name}.log`, 'utf8')))).join(''),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      await rm(dir, { recursive: true });
    },
  };
}

/** All that comes back for these very bytes, until the connection is closed. */
export async function rawAnswer(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(request);
  return await text(socket);
}
