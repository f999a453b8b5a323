import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { findFreePort, ManagedProcess, projectDir, services, type UnpackedProgram } from '@headrace/local';

export interface Gateway {
  /** The gateway's port for the service. */
  port(service: string): number;
  /** All that it has logged. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** The gateway as it is configured for compose, but for addresses and folders. `upstreams` are ports by service. */
export async function startGateway(
  nginx: UnpackedProgram,
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
  // As root, it would run its workers as a user who may not enter this folder.
  await writeFile(`${dir}/nginx.conf`, process.getuid?.() === 0 ? `user root;\n${config}` : config);
  const port = (service: string): number => ports.get(service) ?? 0;
  const server = new ManagedProcess({
    name: 'The gateway',
    url: `http://127.0.0.1:${port('order-api')}`,
    port: port('order-api'),
    command: () => ({
      command: nginx.command,
      args: ['-p', dir, '-e', `${dir}/error.log`, '-c', `${dir}/nginx.conf`],
      env: { ...process.env, ...nginx.env },
    }),
    probe: () => rawAnswer(port('order-api'), 'GET / HTTP/1.0\r\n\r\n'),
    readyTimeoutMs: 30_000,
    stopTimeoutMs: 10_000,
  });
  await server.start().catch(async (cause: unknown) => {
    throw new Error(await readFile(`${dir}/error.log`, 'utf8'), { cause });
  });
  return {
    port,
    log: async () =>
      (await Promise.all(['access', 'error'].map((name) => readFile(`${dir}/${name}.log`, 'utf8')))).join(''),
    stop: async () => {
      await server.stop();
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
