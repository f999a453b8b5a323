import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { INCLUDE_PACKING, PACK_ENTRIES } from './packed-entries.ts';

/** A Lua script as it is sent: by its SHA-1, with the source at hand for a server that does not know it. */
export interface Script {
  readonly name: string;
  readonly source: string;
  readonly sha: string;
  /** `n`: any number. */
  readonly keys: number | 'n';
}

/** Reads `<name>-<number of keys, or n>.lua` beside `base` (an `import.meta.url`), with what it includes. */
export function loadScript(name: string, base: string): Script {
  const text = readFileSync(new URL(`./${name}.lua`, base), 'utf8');
  const source = text.replace(INCLUDE_PACKING, () => PACK_ENTRIES);
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
  if (script.keys !== 'n' && keys.length !== script.keys)
    throw new Error(`${script.name} takes ${script.keys} keys, not ${keys.length}`);
  try {
    return await client.evalsha(script.sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return await client.eval(script.source, keys.length, ...keys, ...args);
  }
}
