import { createServer } from 'node:net';

const loopback = '127.0.0.1';

/**
 * Below the ports of outgoing connections (from 32768 on Linux, 49152 on macOS): a server that is killed and restarted
 * must find its port again, and not taken by a client meanwhile. Chosen at random, so that test processes that run side
 * by side do not try the same ports.
 */
const freePortRange = { from: 20_000, to: 32_000 };

/** A port that a server needs is taken. Names the port, who wants it and the setting that changes it. */
export class PortBusyError extends Error {
  readonly code = 'PORT_BUSY';
  readonly port: number;
  readonly setting: string;

  constructor(port: number, neededBy: string, setting: string) {
    super(
      `Port ${port} on ${loopback} is busy, and ${neededBy} needs it. ` +
        `Stop the program that uses it, or choose another port with ${setting}.`,
    );
    this.name = 'PortBusyError';
    this.port = port;
    this.setting = setting;
  }
}

/** Whether a server could listen on this loopback port now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: loopback, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** Throws {@link PortBusyError} when something listens on the port. */
export async function requireFreePort(port: number, neededBy: string, setting: string): Promise<number> {
  if (!(await isPortFree(port))) throw new PortBusyError(port, neededBy, setting);
  return port;
}

/** Ports of servers that may not listen yet. */
const alreadyFound = new Set<number>();

/** A loopback port without a listener, a different one each time. It is not reserved: start the server at once. */
export async function findFreePort(): Promise<number> {
  const span = freePortRange.to - freePortRange.from;
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = freePortRange.from + Math.floor(Math.random() * span);
    if (alreadyFound.has(port)) continue;
    alreadyFound.add(port);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`No free port found between ${freePortRange.from} and ${freePortRange.to}.`);
}

/** Reads a port from an environment variable; throws when it is not a port number. */
export function portSetting(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  fallback: number,
): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`${name} must be a port number between 1 and 65535, not "${text}".`);
  }
  return port;
}
