import { randomUUID } from 'node:crypto';
import { EVENT_TYPE, newStream, orderData } from '../harness/payload.ts';
import type { Connection } from './redis.ts';

/** What Headrace stores of a command that has only an id. */
export interface Meta {
  readonly commandId: string;
  readonly correlationId: string;
}

/** As long as Headrace's: each event its own command, which starts a correlation. */
export function newMeta(): Meta {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId };
}

/** A log entry's six fields as Headrace writes them, name and value in turn, made into JSON here. */
export function entryOf(stream: string, version: number, index: number): string[] {
  return [
    ...['stream', stream, 'version', String(version), 'type', EVENT_TYPE, 'schema', '1'],
    ...['data', JSON.stringify(orderData(index)), 'meta', JSON.stringify(newMeta())],
  ];
}

const FILL_AT_ONCE = 1_000;

/** Adds `total` entries, pipelined; the first event of a stream each. */
export async function fill(redis: Connection, log: string, total: number): Promise<void> {
  for (let from = 0; from < total; from += FILL_AT_ONCE) {
    const pipeline = redis.pipeline();
    for (let i = from; i < Math.min(from + FILL_AT_ONCE, total); i += 1) {
      pipeline.xadd(log, '*', ...entryOf(newStream(), 1, i));
    }
    for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
  }
}
