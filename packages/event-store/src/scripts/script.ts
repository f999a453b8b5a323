import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { unpack } from 'msgpackr';

/** A Lua script as it is sent: by its SHA-1, with the source at hand for a server that does not know it. */
export interface Script {
  readonly name: string;
  readonly source: string;
  readonly sha: string;
  /** `n`: any number. */
  readonly keys: number | 'n';
}

/** Reads `<name>-<number of keys, or n>.lua` beside `base` (an `import.meta.url`). */
export function loadScript(name: string, base: string): Script {
  const source = readFileSync(new URL(`./${name}.lua`, base), 'utf8');
  const count = name.slice(name.lastIndexOf('-') + 1);
  const keys = count === 'n' ? count : Number(count);
  return { name, source, sha: createHash('sha1').update(source).digest('hex'), keys };
}

/**
 * Runs a script. Script caches are per node and vanish on restart, so an unknown SHA is answered by sending
 * the source; the server has then done nothing yet, so this is safe for writes too.
 */
export async function runScript(
  client: Redis,
  script: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  requireKeys(script, keys);
  try {
    return await client.evalsha(script.sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!isUnknown(error)) throw error;
    return await client.eval(script.source, keys.length, ...keys, ...args);
  }
}

/**
 * As `runScript`, for a script that packs its reply with Redis's `cmsgpack`: one string instead of nested replies,
 * which Redis and the client lay out and read many times faster.
 */
export async function runPackedScript(
  client: Redis,
  script: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  requireKeys(script, keys);
  const rest = [keys.length, ...keys, ...args];
  const reply = await client.callBuffer('EVALSHA', script.sha, ...rest).catch((error: unknown) => {
    if (!isUnknown(error)) throw error;
    return client.callBuffer('EVAL', script.source, ...rest);
  });
  return unpack(reply as Buffer);
}

function requireKeys(script: Script, keys: readonly string[]): void {
  if (script.keys !== 'n' && keys.length !== script.keys)
    throw new Error(`${script.name} takes ${script.keys} keys, not ${keys.length}`);
}

function isUnknown(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}
