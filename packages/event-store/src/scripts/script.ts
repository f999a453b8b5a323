import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { unpack } from 'msgpackr';

/** A Lua script. It is sent by its SHA-1, and with its source to a server that does not know it. */
export interface Script {
  readonly name: string;
  readonly source: string;
  readonly sha: string;
  /** `n` for any number. */
  readonly keys: number | 'n';
  /** Whether it packs its reply with Redis's `cmsgpack`: one string, which both sides write and read much faster. */
  readonly isPacked: boolean;
}

export type ScriptArgument = string | number | Buffer;

/** Reads `<name>-<number of keys, or n>.lua` beside `base` (an `import.meta.url`). */
export function loadScript(name: string, base: string): Script {
  const source = readFileSync(new URL(`./${name}.lua`, base), 'utf8');
  const count = name.slice(name.lastIndexOf('-') + 1);
  const keys = count === 'n' ? count : Number(count);
  const sha = createHash('sha1').update(source).digest('hex');
  return { name, source, sha, keys, isPacked: source.includes('return cmsgpack.pack(') };
}

/**
 * Runs a script. Script caches are per node and vanish on restart, so an unknown SHA is answered by sending
 * the source; the server has then done nothing yet, so this is safe for writes too.
 */
export async function runScript(
  client: Redis,
  script: Script,
  keys: readonly string[],
  args: readonly ScriptArgument[],
): Promise<unknown> {
  if (script.keys !== 'n' && keys.length !== script.keys)
    throw new Error(`${script.name} takes ${script.keys} keys, not ${keys.length}`);
  gatherWrites(client);
  const rest = [keys.length, ...keys, ...args];
  const run = (command: 'EVALSHA' | 'EVAL', which: string): Promise<unknown> =>
    script.isPacked ? client.callBuffer(command, which, ...rest) : client.call(command, which, ...rest);
  const reply = await run('EVALSHA', script.sha).catch((error: unknown) => {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return run('EVAL', script.source);
  });
  return script.isPacked ? unpack(reply as Buffer) : reply;
}

const gathering = new WeakSet<Redis['stream']>();

/** Scripts that are sent in one turn leave in one write: each write is a system call that wakes Redis. */
function gatherWrites(client: Redis): void {
  const stream: Redis['stream'] | undefined = client.stream;
  if (stream === undefined || gathering.has(stream)) return;
  gathering.add(stream);
  stream.cork();
  process.nextTick(() => {
    gathering.delete(stream);
    stream.uncork();
  });
}
