import {
  type CommandHandler,
  type CommandOutcome,
  type Consumer,
  type ConsumerOptions,
  createCommandConsumer,
  type ReceivedCommand,
  TransientError,
} from '@headrace/consumer';
import { type EventStore, IdempotencyKeyReusedError, WrongExpectedVersionError } from '@headrace/event-store';
import { ACCOUNT_CATEGORY, USER_CATEGORY } from '@headrace/shop';
import { execute, isRefusal } from './execute.ts';
import { type CommandKinds, createCommandKinds, type Prepare, type PreparedCommand } from './kinds.ts';

export interface CommandConsumersOptions extends Omit<ConsumerOptions, 'group'> {
  readonly now: () => Date;
}

/** Execute the durable commands of accounts and users, in order for each of them, each once. */
export function createCommandConsumers({ now, ...options }: CommandConsumersOptions): readonly Consumer[] {
  const handlers = commandHandlers(options.store, createCommandKinds(now));
  return [ACCOUNT_CATEGORY, USER_CATEGORY].map((category) =>
    createCommandConsumer({ ...options, category, handlers }),
  );
}

/** By command type. A refusal is an outcome, with the refusal's code; whatever else goes wrong is thrown. */
export function commandHandlers(
  store: EventStore,
  kinds: CommandKinds,
): Readonly<Record<string, CommandHandler>> {
  return Object.fromEntries([...kinds].map(([type, prepare]) => [type, handlerOf(store, prepare)]));
}

function handlerOf(store: EventStore, prepare: Prepare): CommandHandler {
  return async (received) => {
    const command = prepare(received.data);
    if (command === undefined) return invalid(`data is not that of ${received.type}`);
    // it waited in the line of the stream that it was sent to, so it may change no other
    if (command.stream !== received.stream)
      return invalid(`the command was sent to stream ${received.stream}, not to ${command.stream}`);
    return await outcomeOf(store, command, received);
  };
}

async function outcomeOf(
  store: EventStore,
  command: PreparedCommand,
  { commandId, meta }: ReceivedCommand,
): Promise<CommandOutcome> {
  try {
    const { result } = await execute(store, command, { ...meta, commandId, repeatable: true });
    return { status: 'completed', result };
  } catch (error) {
    if (error instanceof WrongExpectedVersionError && meta.expectedVersion === undefined) {
      // nobody pinned a version: others were faster ten times in a row, which says nothing about the command
      throw new TransientError('the stream is written to too often at the moment', { cause: error });
    }
    if (isRefusal(error) || error instanceof IdempotencyKeyReusedError)
      return { status: 'failed', error: { code: error.code, message: error.message } };
    throw error;
  }
}

function invalid(message: string): CommandOutcome {
  return { status: 'failed', error: { code: 'INVALID_COMMAND', message } };
}
