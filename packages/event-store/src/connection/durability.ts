import type { Redis } from 'ioredis';
import { DurabilityNotGivenError } from '../errors.ts';
import type { EventStoreSettings } from '../store-settings.ts';

/** The command that must follow every append to reach the declared durability. */
export type Confirmation = 'none' | 'waitaof' | 'wait';

/**
 * Compares the server's settings with the declared durability.
 * @throws DurabilityNotGivenError if the server cannot give it
 */
export async function checkDurability(client: Redis, settings: EventStoreSettings): Promise<Confirmation> {
  const { durability } = settings;
  const confirmed = durability === 'replicated' ? 'wait' : 'none';
  if (settings.assumeServerSettings) return confirmed;
  const config = await readConfig(client, durability);
  const problems: string[] = [];
  const want = (name: string, value: string): void => {
    if (config[name] !== value)
      problems.push(`${name} is "${config[name] ?? 'not known'}" and must be "${value}"`);
  };
  // any other policy would evict parts of the log when memory is short
  want('maxmemory-policy', 'noeviction');
  if (durability !== 'memory') want('appendonly', 'yes');
  let confirmation: Confirmation = confirmed;
  if (durability === 'fsync') {
    // with `no` nothing is synced, so WAITAOF cannot help
    if (config['appendfsync'] === 'everysec' && (await knowsWaitAof(client))) confirmation = 'waitaof';
    else want('appendfsync', 'always');
    want('no-appendfsync-on-rewrite', 'no');
  }
  if (problems.length > 0) throw new DurabilityNotGivenError(durability, problems);
  return confirmation;
}

async function readConfig(client: Redis, durability: string): Promise<Record<string, string>> {
  try {
    const flat = (await client.call(
      'CONFIG',
      'GET',
      'maxmemory-policy',
      'appendonly',
      'appendfsync',
      'no-appendfsync-on-rewrite',
    )) as string[];
    const config: Record<string, string> = {};
    for (let i = 0; i + 1 < flat.length; i += 2) config[String(flat[i])] = String(flat[i + 1]);
    return config;
  } catch (error) {
    const forbidden = error instanceof Error && /unknown command|NOPERM/i.test(error.message);
    if (!forbidden) throw error;
    throw new DurabilityNotGivenError(durability, [
      'the server forbids CONFIG, so its settings cannot be seen; where you vouch for them, set ASSUME_SERVER_SETTINGS=true (assumeServerSettings)',
    ]);
  }
}

/** How many replicas (WAIT) or local disks (WAITAOF) have everything that this connection wrote. */
export async function confirmations(
  client: Redis,
  kind: 'wait' | 'waitaof',
  { replicas, confirmTimeoutMs }: EventStoreSettings,
): Promise<number> {
  if (kind === 'wait') return Number(await client.call('WAIT', replicas, confirmTimeoutMs));
  const [local] = (await client.call('WAITAOF', 1, 0, confirmTimeoutMs)) as [number, number];
  return Number(local);
}

async function knowsWaitAof(client: Redis): Promise<boolean> {
  const [info] = (await client.call('COMMAND', 'INFO', 'WAITAOF')) as unknown[];
  return Array.isArray(info);
}
