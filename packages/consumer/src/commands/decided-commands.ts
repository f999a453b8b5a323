import {
  type EventStore,
  type HandleResult,
  IdempotencyKeyReusedError,
  WrongExpectedVersionError,
} from '@headrace/event-store';
import { TransientError } from '../errors.ts';
import type { Consumer } from '../runtime/consumer.ts';
import type { ConsumerOptions } from '../runtime/consumer-options.ts';
import { type CommandHandler, type CommandOutcome, createCommandConsumer } from './command-consumer.ts';
import {
  type CommandKind,
  type CommandRequest,
  commandReceipt,
  type PreparedCommand,
} from './command-kind.ts';
import type { ReceivedCommand } from './received-command.ts';
import { failureOf, isRefusal } from './refusal.ts';

/** How the commands of a service are executed from the queue. */
export interface DecidedCommands<State> {
  readonly kinds: readonly CommandKind<State>[];
  /** Part of the receipt: if it changed, commands that are under way would be refused as reused keys. */
  readonly requestOf: (command: PreparedCommand<State>) => CommandRequest;
  /** What is kept as the result of a command that was executed. */
  readonly resultOf: (handled: HandleResult<State>) => object;
}

export interface DecidedCommandsOptions<State> extends Omit<ConsumerOptions, 'group'> {
  readonly commands: DecidedCommands<State>;
}

/** One consumer for each category: executes its durable commands in order for each stream, each once. */
export function createDecidedCommandConsumers<State>({
  commands,
  ...options
}: DecidedCommandsOptions<State>): readonly Consumer[] {
  const handlers = decidedCommandHandlers(options.store, commands);
  const categories = new Set(commands.kinds.map(({ category }) => category));
  return [...categories].map((category) => createCommandConsumer({ ...options, category, handlers }));
}

/** By command type. A refusal is an outcome, with the refusal's code; whatever else goes wrong is thrown. */
export function decidedCommandHandlers<State>(
  store: EventStore,
  commands: DecidedCommands<State>,
): Readonly<Record<string, CommandHandler>> {
  return Object.fromEntries(commands.kinds.map((kind) => [kind.type, handlerOf(store, commands, kind)]));
}

function handlerOf<State>(
  store: EventStore,
  commands: DecidedCommands<State>,
  kind: CommandKind<State>,
): CommandHandler {
  return async (received) => {
    const command = kind.prepare(received.data);
    if (command === undefined) return invalid(`data is not that of ${received.type}`);
    // it waited in the queue of the stream that it was sent to, so it may change no other
    if (command.stream !== received.stream)
      return invalid(`the command was sent to stream ${received.stream}, not to ${command.stream}`);
    try {
      return { status: 'completed', result: await execute(store, commands, command, received) };
    } catch (error) {
      return outcomeOf(error, received);
    }
  };
}

async function execute<State>(
  store: EventStore,
  { requestOf, resultOf }: DecidedCommands<State>,
  command: PreparedCommand<State>,
  { commandId, meta }: ReceivedCommand,
): Promise<object> {
  const idempotency = commandReceipt(requestOf(command), commandId);
  return resultOf(await command.execute(store, { ...meta, commandId, idempotency }));
}

/** @throws the error, where it is no answer to the command */
function outcomeOf(error: unknown, { meta }: ReceivedCommand): CommandOutcome {
  if (error instanceof WrongExpectedVersionError && meta.expectedVersion === undefined) {
    // no version was pinned: other writers were faster in every attempt, which says nothing about the command
    throw new TransientError('the stream is written to too often at the moment', { cause: error });
  }
  if (isRefusal(error) || error instanceof IdempotencyKeyReusedError)
    return { status: 'failed', error: failureOf(error) };
  throw error;
}

function invalid(message: string): CommandOutcome {
  return { status: 'failed', error: { code: 'INVALID_COMMAND', message } };
}
