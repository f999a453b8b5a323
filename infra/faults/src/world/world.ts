import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { type System, startSystem, temporaryFolder } from '@headrace/local';
import type { ServerName } from '../plan/faults.ts';
import { instances as planned } from '../plan/plan-faults.ts';
import { type Instance, startInstance } from './instance.ts';

export interface WorldOptions {
  readonly leaseMs: number;
  readonly partitions: number;
}

/** Real servers and real processes of all services, in a folder of their own. */
export class World {
  readonly dir: string;
  readonly servers: System;
  /** The servers themselves, without a proxy in between. */
  readonly serverUrls: Readonly<Record<ServerName, string>>;
  readonly #env: NodeJS.ProcessEnv;
  readonly #instances = new Map<string, Instance>();
  readonly #crashes: string[] = [];
  readonly #logs = new Map<string, WriteStream>();

  /** Starts the servers, and the instances that run from the beginning. */
  static async start({ leaseMs, partitions }: WorldOptions): Promise<World> {
    const dir = await temporaryFolder('faults');
    await mkdir(`${dir}/logs`, { recursive: true });
    const servers = await startSystem({ dataDir: `${dir}/servers`, ports: 'free', only: [] });
    const world = new World(dir, servers, {
      LEASE_MS: String(leaseMs),
      LOG_PARTITIONS: String(partitions),
      LOG_LEVEL: 'debug',
      SMTP_TIMEOUT_MS: '5000',
    });
    const starting = [...planned.apis, ...planned.workers].map((id) => world.start(id));
    try {
      await Promise.all(starting);
      return world;
    } catch (error) {
      // What still starts must be closed as well.
      await Promise.allSettled(starting);
      await world.close({ keep: true });
      throw error;
    }
  }

  private constructor(dir: string, servers: System, env: NodeJS.ProcessEnv) {
    this.dir = dir;
    this.servers = servers;
    this.serverUrls = { redis: servers.redis.url, postgres: servers.postgres.url, smtp: servers.mail.url };
    this.#env = env;
  }

  /** Processes that ended without being told to. */
  get crashes(): readonly string[] {
    return this.#crashes;
  }

  /** Throws for an instance that was never started. */
  instance(id: string): Instance {
    const instance = this.#instances.get(id);
    if (instance === undefined) throw new Error(`${id} does not run`);
    return instance;
  }

  running(): readonly Instance[] {
    return [...this.#instances.values()];
  }

  /** Starts a new instance, or one that was ended. */
  async start(id: string): Promise<void> {
    const known = this.#instances.get(id);
    if (known !== undefined) return await known.restart();
    const instance = await startInstance({
      id,
      serverUrls: this.serverUrls,
      env: this.#env,
      dataDir: this.dir,
      onLine: (source, line) => this.#log(source, line),
      onMessage: (text) => {
        this.#log('launcher', `${new Date().toISOString()} ${id}: ${text}`);
        if (text.includes('ended unexpectedly')) this.#crashes.push(text);
      },
    });
    this.#instances.set(id, instance);
  }

  /** @param options `keep`: the folder with the logs stays */
  async close({ keep }: { readonly keep: boolean }): Promise<void> {
    await Promise.all(this.running().map((instance) => instance.close()));
    await this.servers.stop();
    for (const file of this.#logs.values()) file.end();
    if (!keep) await rm(this.dir, { recursive: true, force: true });
  }

  /** Appends to the file of this process. */
  #log(source: string, line: string): void {
    const file =
      this.#logs.get(source) ?? createWriteStream(`${this.dir}/logs/${source}.log`, { flags: 'a' });
    this.#logs.set(source, file);
    file.write(`${line}\n`);
  }
}
