import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { type System, startSystem, temporaryFolder } from '@headrace/local';
import type { ServerName } from '../plan/faults.ts';
import { instances as planned } from '../plan/plan-faults.ts';
import { type Instance, startInstance } from './instance.ts';

/** Real servers and real processes of all services, in a folder of their own. */
export interface World {
  readonly dir: string;
  readonly servers: System;
  readonly leaseMs: number;
  /** The servers themselves, past all proxies. */
  readonly serverUrls: Readonly<Record<ServerName, string>>;
  /** Throws for one that does not run. */
  instance(id: string): Instance;
  running(): readonly Instance[];
  /** Starts a new instance, or one that was ended. */
  start(id: string): Promise<Instance>;
  /** Processes that ended without being told to. */
  readonly crashes: readonly string[];
  /** `keep`: the folder with the logs stays. */
  close(options: { readonly keep: boolean }): Promise<void>;
}

export interface WorldOptions {
  readonly leaseMs: number;
  readonly partitions: number;
}

export async function startWorld({ leaseMs, partitions }: WorldOptions): Promise<World> {
  const dir = await temporaryFolder('faults');
  const logs = openLogs(`${dir}/logs`);
  await mkdir(`${dir}/logs`, { recursive: true });
  const servers = await startSystem({ dataDir: `${dir}/servers`, ports: 'free', only: [] });
  const serverUrls = { redis: servers.redis.url, postgres: servers.postgres.url, smtp: servers.mail.url };
  const crashes: string[] = [];
  const running = new Map<string, Instance>();
  const env = {
    LEASE_MS: String(leaseMs),
    LOG_PARTITIONS: String(partitions),
    LOG_LEVEL: 'debug',
    SMTP_TIMEOUT_MS: '5000',
  };
  const start = async (id: string): Promise<Instance> => {
    const known = running.get(id);
    if (known !== undefined) {
      await known.restart();
      return known;
    }
    const instance = await startInstance({
      id,
      serverUrls,
      env,
      dataDir: dir,
      onLine: (source, line) => logs.write(source, line),
      onMessage: (text) => {
        logs.write('launcher', `${new Date().toISOString()} ${id}: ${text}`);
        if (text.includes('ended unexpectedly')) crashes.push(text);
      },
    });
    running.set(id, instance);
    return instance;
  };
  const close = async ({ keep }: { readonly keep: boolean }): Promise<void> => {
    await Promise.all([...running.values()].map((instance) => instance.close()));
    await servers.stop();
    logs.close();
    if (!keep) await rm(dir, { recursive: true, force: true });
  };
  // settled, not all: what still starts when another fails must be closed as well
  const started = await Promise.allSettled([...planned.apis, ...planned.workers].map(start));
  const failed = started.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') {
    await close({ keep: true });
    throw failed.reason;
  }
  return {
    dir,
    servers,
    leaseMs,
    serverUrls,
    instance: (id) => {
      const instance = running.get(id);
      if (instance === undefined) throw new Error(`${id} does not run`);
      return instance;
    },
    running: () => [...running.values()],
    start,
    crashes,
    close,
  };
}

/** A file for each process. */
function openLogs(dir: string): { write(source: string, line: string): void; close(): void } {
  const files = new Map<string, WriteStream>();
  return {
    write: (source, line) => {
      const file = files.get(source) ?? createWriteStream(`${dir}/${source}.log`, { flags: 'a' });
      files.set(source, file);
      file.write(`${line}\n`);
    },
    close: () => {
      for (const file of files.values()) file.end();
    },
  };
}
