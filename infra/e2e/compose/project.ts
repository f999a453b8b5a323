import { readFileSync } from 'node:fs';
import { findFreePort, projectDir, runTool } from '@headrace/local';
import { z } from 'zod';

/** The system as `docker compose` runs it, under a name and on ports of its own. */
export interface ComposeProject {
  /** The services' URLs at the gateway. */
  readonly urls: Readonly<Record<string, string>>;
  readonly inbox: string;
  readonly prometheus: string;
  /** The log's server and the database, with passwords. */
  readonly redisUrl: string;
  readonly databaseUrl: string;
  /** `docker compose <args>`; what it printed. Throws with it when it fails. */
  compose(...args: readonly string[]): Promise<string>;
  /** A line of bash in Redis's container, whose redis-cli may do everything. */
  asRedisAdmin(line: string): Promise<string>;
  /** A script of `infra/` on this project. */
  script(name: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>;
  containers(service?: string): Promise<readonly Container[]>;
}

export interface Container {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  /** Of process 1, as the host sees it. */
  readonly pid: number;
  readonly isReadOnly: boolean;
  readonly restarts: number;
  readonly health: string | undefined;
}

const PORTS = {
  'order-api': 'ORDER_API_PORT',
  'event-api': 'EVENT_API_PORT',
  'projection-service': 'PROJECTION_SERVICE_PORT',
  'email-worker': 'EMAIL_WORKER_PORT',
  'analytics-worker': 'ANALYTICS_WORKER_PORT',
  'billing-worker': 'BILLING_WORKER_PORT',
} as const;

const inspected = z.array(
  z.object({
    Id: z.string(),
    Name: z.string(),
    RestartCount: z.number(),
    State: z.object({ Pid: z.number(), Health: z.object({ Status: z.string() }).optional() }),
    HostConfig: z.object({ ReadonlyRootfs: z.boolean() }),
    Config: z.object({ Labels: z.record(z.string(), z.string()) }),
  }),
);

/** Starts nothing; `compose('up', …)` does. */
export async function composeProject(name: string): Promise<ComposeProject> {
  const ports: Record<string, string> = {};
  for (const variable of [
    ...Object.values(PORTS),
    'MAIL_WEB_PORT',
    'PROMETHEUS_PORT',
    'REDIS_PORT',
    'POSTGRES_PORT',
  ]) {
    ports[variable] = String(await findFreePort());
  }
  const files = [`${projectDir}/infra/compose.yaml`, `${projectDir}/infra/e2e/compose/ports.yaml`];
  const prefix = ['compose', '-p', name, ...files.flatMap((file) => ['-f', file]), '--profile', 'observe'];
  const compose = (...args: readonly string[]): Promise<string> => run('docker', [...prefix, ...args], ports);
  return {
    urls: Object.fromEntries(
      Object.entries(PORTS).map(([service, variable]) => [service, `http://localhost:${ports[variable]}`]),
    ),
    inbox: `http://localhost:${ports['MAIL_WEB_PORT']}`,
    prometheus: `http://localhost:${ports['PROMETHEUS_PORT']}`,
    redisUrl: `redis://headrace:${secret('redis_password')}@127.0.0.1:${ports['REDIS_PORT']}`,
    databaseUrl: `postgres://postgres:${secret('postgres_password')}@127.0.0.1:${ports['POSTGRES_PORT']}/headrace`,
    compose,
    asRedisAdmin: (line) => {
      const password = `REDISCLI_AUTH=${secret('redis_admin_password')}`;
      return compose('exec', '-T', '-e', password, 'redis', 'bash', '-c', line);
    },
    script: (script, args, env = {}) =>
      run(`${projectDir}/infra/${script}`, args, {
        ...ports,
        COMPOSE_PROJECT_NAME: name,
        COMPOSE_FILE: files.join(':'),
        ...env,
      }),
    containers: async (service) => {
      const ids = (await compose('ps', '-q', ...(service === undefined ? [] : [service])))
        .split('\n')
        .filter(Boolean);
      if (ids.length === 0) return [];
      return inspected.parse(JSON.parse(await run('docker', ['inspect', ...ids]))).map(containerOf);
    },
  };
}

function containerOf({
  Id,
  Name,
  RestartCount,
  State,
  HostConfig,
  Config,
}: z.output<typeof inspected>[number]): Container {
  return {
    id: Id,
    name: Name.slice(1),
    service: Config.Labels['com.docker.compose.service'] ?? '',
    pid: State.Pid,
    isReadOnly: HostConfig.ReadonlyRootfs,
    restarts: RestartCount,
    health: State.Health?.Status,
  };
}

/** As `infra/compose.yaml` finds it. */
function secret(name: string): string {
  return readFileSync(`${projectDir}/infra/secrets/development/${name}`, 'utf8').trim();
}

/** What a command wrote to stdout. @throws Error with its whole output if it does not exit with 0 */
export async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, stdout, stderr } = await runTool(command, args, { env: { ...process.env, ...env } });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}
