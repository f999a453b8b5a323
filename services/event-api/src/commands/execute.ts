import { type CommandRequest, commandReceipt, type PreparedCommand } from '@headrace/consumer';
import { recordedMsOf } from '@headrace/event-schema';
import type { EventStore, HandleOptions, HandleResult } from '@headrace/event-store';
import { z } from 'zod';

export const commandResultSchema = z
  .object({
    eventId: z.string().describe('id of the event that the command led to; what `wait_for` takes'),
    streamId: z.string(),
    version: z.int().describe('of the stream after the event'),
    position: z.string(),
    timestamp: z.string(),
  })
  .meta({ id: 'CommandResult' });

/** What a command did, whether its sender waited or not. */
export type CommandResult = z.output<typeof commandResultSchema>;

export interface ExecuteOptions extends Omit<HandleOptions, 'commandId' | 'idempotency' | 'creates'> {
  readonly commandId: string;
  /** The command may come again under its id, and must then have its first result. */
  readonly repeatable: boolean;
}

export interface Execution {
  readonly result: CommandResult;
  /** It had been executed before. */
  readonly replayed: boolean;
}

/**
 * Executes a command once for each id: whether it first came with a waiting sender or from the queue, the second
 * way finds what the first one did.
 * @throws what `isRefusal` tells, and what `handle` throws
 */
export async function execute(
  store: EventStore,
  command: PreparedCommand,
  { repeatable, ...options }: ExecuteOptions,
): Promise<Execution> {
  const handled = await command.execute(store, {
    ...options,
    ...(repeatable ? { idempotency: commandReceipt(receiptOf(command), options.commandId) } : {}),
  });
  return { result: resultOf(handled), replayed: handled.replayed };
}

/** What the receipt of an executed command is about, whichever way it came; its key is the command's id. */
export function receiptOf(command: PreparedCommand): CommandRequest {
  return { actor: 'commands', route: 'commands', request: requestOf(command) };
}

/** What is asked for under a key; preconditions and metadata are no part of it. */
export function requestOf({ type, data }: PreparedCommand): object {
  return { type, data };
}

export function resultOf({ stream, version, positions }: HandleResult<unknown>): CommandResult {
  const position = positions.at(-1);
  if (position === undefined) throw new Error(`a command on ${stream} led to no event`);
  const timestamp = new Date(recordedMsOf(position)).toISOString();
  return { eventId: position, streamId: stream, version, position, timestamp };
}
