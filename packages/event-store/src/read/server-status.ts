import { reading } from '../connection/translate-redis-error.ts';
import type { StoreContext } from '../context.ts';
import { lastEntryId } from './last-entry.ts';

/** State of the log's server, as far as it can be known. */
export interface ServerStatus {
  /** Null if the server forbids INFO. `maxBytes` is `maxmemory`, 0 for no limit. */
  readonly memory: { readonly usedBytes: number; readonly maxBytes: number } | null;
  /** The disk of the append-only file, some minutes old at most. Null if no check beside the server reports it. */
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number } | null;
  /**
   * How far the newest entry of any partition is ahead of the server's clock, s; 0 if none is. More than a moment
   * means that a clock was or is wrong; from a minute on appends are refused.
   */
  readonly clockLeadSeconds: number;
}

/** Reads the newest entry of each partition, and what the server says of itself. */
export async function serverStatus({ keys, reader }: StoreContext): Promise<ServerStatus> {
  const partitions = Array.from({ length: keys.partitions }, (_, partition) => partition);
  const [info, disk, newest] = await reading(
    Promise.all([
      reader.info('memory').catch(withoutInfo),
      reader.getrange(keys.disk, 0, DISK_CHARACTERS - 1),
      Promise.all(partitions.map((partition) => lastEntryId(reader, keys.log(partition)))),
    ]),
  );
  // read after the entries, so that what is appended meanwhile is not ahead of it
  const [seconds, micros] = await reading(reader.time());
  const nowMs = Number(seconds) * 1_000 + Number(micros) / 1_000;
  const newestMs = newest.map((entryId) => Number.parseInt(entryId ?? '0', 10));
  return {
    memory: memoryIn(info),
    disk: diskIn(disk),
    clockLeadSeconds: Math.max(0, Math.max(...newestMs) - nowMs) / 1_000,
  };
}

/** A server may forbid its clients INFO, and nothing else. */
function withoutInfo(error: unknown): string {
  if (error instanceof Error && /^NOPERM|unknown command/i.test(error.message)) return '';
  throw error;
}

function memoryIn(info: string): ServerStatus['memory'] {
  const numberOf = (name: string): number | undefined => {
    const text = new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1];
    return text === undefined ? undefined : Number(text);
  };
  const usedBytes = numberOf('used_memory');
  return usedBytes === undefined ? null : { usedBytes, maxBytes: numberOf('maxmemory') ?? 0 };
}

/** Enough for two numbers of bytes; another value may be longer. */
const DISK_CHARACTERS = 64;

function diskIn(text: string): ServerStatus['disk'] {
  const [, free, total] = /^(\d+) (\d+)$/.exec(text) ?? [];
  return free === undefined ? null : { freeBytes: Number(free), totalBytes: Number(total) };
}
