import type { CommandMeta } from '@headrace/event-store';
import { type MessageFacts, textOf } from '../delivery/message-facts.ts';

/** A durable command as its owner receives it. */
export interface ReceivedCommand {
  readonly commandId: string;
  readonly partition: number;
  readonly type: string;
  readonly stream: string;
  /** As it was sent; its contract is for the handler to check. */
  readonly data: unknown;
  readonly meta: CommandMeta;
  /** Why it cannot be read, if it cannot. */
  readonly malformed?: string;
}

/** Reads the fields of a queue entry; never throws. */
export function decodeCommand(
  partition: number,
  entryId: string,
  fields: readonly string[],
): ReceivedCommand {
  const byName = new Map<string, string>();
  for (let i = 0; i + 1 < fields.length; i += 2) byName.set(fields[i] ?? '', fields[i + 1] ?? '');
  const head = {
    commandId: byName.get('id') ?? `${partition}-${entryId}`,
    partition,
    type: byName.get('type') ?? '',
    stream: byName.get('stream') ?? '',
  };
  try {
    const data: unknown = JSON.parse(byName.get('data') ?? '');
    const meta = JSON.parse(byName.get('meta') ?? '{}') as CommandMeta;
    return { ...head, data, meta };
  } catch {
    return { ...head, data: null, meta: {}, malformed: 'its data or meta is not JSON' };
  }
}

export function factsOfCommand({ commandId, type, stream, partition, meta }: ReceivedCommand): MessageFacts {
  return {
    kind: 'command',
    id: commandId,
    type,
    stream,
    partition,
    correlationId: textOf(meta.correlationId),
    traceparent: textOf(meta.traceparent),
  };
}
