import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findFreePort, isPortFree, projectDir, removeStaleLock, services } from '@headrace/local';
import { eventually } from './eventually.ts';

/** Ports and data of one system over several starts. */
export interface Place {
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly urls: Readonly<Record<string, string>>;
}

/** A running `npm start`. */
export interface NpmStart {
  /** How long it took until everything was ready, by its own account. */
  readonly readySeconds: number;
  /** All it wrote so far. */
  output(): string;
  /** Ctrl-C as a terminal gives it: SIGINT to the whole process group. Resolves when npm has ended. */
  interrupt(): Promise<{ readonly code: number | null; readonly seconds: number }>;
  /** Ends whatever is left of it; for tests that failed on the way. */
  end(): Promise<void>;
}

/** Chooses free ports, in the order in which `npm start` counts them. */
export async function choosePlace(dataDir: string): Promise<Place> {
  const portBase = await freePortBase();
  const names = ['REDIS_PORT', 'POSTGRES_PORT', 'MAIL_SMTP_PORT', 'MAIL_WEB_PORT'] as const;
  const ports: Record<string, number> = {};
  for (const name of names) ports[name] = await findFreePort();
  const serviceUrls = services.map(({ name, portOffset }) => [
    name,
    `http://127.0.0.1:${portBase + portOffset}`,
  ]);
  return {
    dataDir,
    env: {
      HEADRACE_PORT_BASE: String(portBase),
      ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)])),
    },
    urls: {
      ...Object.fromEntries(serviceUrls),
      redis: `redis://127.0.0.1:${ports['REDIS_PORT']}`,
      mail: `http://127.0.0.1:${ports['MAIL_WEB_PORT']}`,
    },
  };
}

async function freePortBase(): Promise<number> {
  for (;;) {
    const base = await findFreePort();
    const free = await Promise.all(services.map(({ portOffset }) => isPortFree(base + portOffset)));
    if (free.every(Boolean)) return base;
  }
}

/** Runs `npm start` and resolves when it says that everything is ready. */
export async function npmStart(place: Place): Promise<NpmStart> {
  const child = spawn('npm', ['start', '--', '--data', place.dataDir], {
    cwd: projectDir,
    env: { ...process.env, ...place.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own group stands for a terminal's foreground group.
    detached: true,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  let ended = false;
  const exited = once(child, 'exit').finally(() => {
    ended = true;
  });
  const signalGroup = (signal: NodeJS.Signals): void => {
    if (child.pid !== undefined && !ended) process.kill(-child.pid, signal);
  };
  const end = async (): Promise<void> => {
    signalGroup('SIGKILL');
    await exited;
    // The services have groups of their own; and npm can end before the launcher, which has to be waited for.
    await eventually('The end of the launcher', () => removeStaleLock(place.dataDir, () => undefined));
  };
  const readyLine = (): RegExpExecArray => {
    const ready = /Ready after ([\d.]+) s/.exec(text);
    if (ready === null) throw new Error(`npm start wrote:\n${text}`);
    return ready;
  };
  try {
    await Promise.race([
      eventually('npm start', readyLine, 150_000),
      exited.then(() => Promise.reject(new Error(`npm start ended:\n${text}`))),
    ]);
  } catch (error) {
    await end();
    throw error;
  }
  return {
    readySeconds: Number(readyLine()[1]),
    output: () => text,
    interrupt: async () => {
      const startedAt = Date.now();
      signalGroup('SIGINT');
      const [code] = (await exited) as [number | null];
      return { code, seconds: (Date.now() - startedAt) / 1000 };
    },
    end,
  };
}
