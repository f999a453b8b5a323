import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { debianPrograms, findFreePort, findProgram, ManagedProcess, temporaryFolder } from '@headrace/local';

// biome-ignore lint/style/noProcessEnv: as in servers-for-the-run.ts
const environment = process.env;
/** PgBouncer does not run as root. */
const NOBODY = 65_534;

export interface Pooler {
  /** Of the database, through the pooler. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts poolers in front of databases. */
export type StartPooler = (
  databaseUrl: string,
  options?: {
    /** Start-up parameters that it ignores; by default it refuses a client that sends them. */
    readonly ignored?: readonly string[];
    /** How long a client keeps its connection to the server. Default `session`. */
    readonly mode?: 'session' | 'transaction';
  },
) => Promise<Pooler>;

/** Undefined if there is no PgBouncer, neither on the PATH nor as a package of the distribution. */
export async function pgBouncer(): Promise<StartPooler | undefined> {
  const program = await findProgram(debianPrograms.pgBouncer, environment);
  if (program === undefined) return undefined;
  return async (databaseUrl, { ignored = [], mode = 'session' } = {}) => {
    const url = new URL(databaseUrl);
    const dir = await temporaryFolder('pooler');
    const port = await findFreePort();
    const lines = [
      '[databases]',
      `* = host=${url.hostname} port=${url.port}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = trust',
      `auth_file = ${dir}/users`,
      `pool_mode = ${mode}`,
      ...(ignored.length === 0 ? [] : [`ignore_startup_parameters = ${ignored.join(',')}`]),
    ];
    await writeFile(`${dir}/users`, `"${url.username}" "${url.password}"\n`);
    await writeFile(`${dir}/pgbouncer.ini`, `${lines.join('\n')}\n`);
    const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    const env = { ...environment, ...program.env };
    // The database may be in a container; the pooler is here.
    url.host = `127.0.0.1:${port}`;
    const pooler = await new ManagedProcess({
      ...{ name: 'PgBouncer', url: url.href, port },
      command: () => ({ command: program.command, args: [`${dir}/pgbouncer.ini`], env, ...user }),
      probe: () => requireConnection(port),
      readyTimeoutMs: 20_000,
      stopSignal: 'SIGINT',
      stopTimeoutMs: 10_000,
    }).start();
    return {
      url: pooler.url,
      stop: async () => {
        await pooler.stop();
        await rm(dir, { recursive: true });
      },
    };
  };
}

async function requireConnection(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
