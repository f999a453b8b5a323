import { COMMAND_KEPT_S, runScript } from '@headrace/event-store';
import type { Delivery, Inbox } from '../acknowledged/inbox.ts';
import { createInboxConsumer } from '../acknowledged/inbox-consumer.ts';
import type { Consumer } from '../runtime/consumer.ts';
import type { ConsumerOptions } from '../runtime/consumer-options.ts';
import { scripts } from '../scripts/index.ts';
import { decodeCommand, factsOfCommand, type ReceivedCommand } from './received-command.ts';

/** How the execution of a command ended; kept as its status. */
export type CommandOutcome =
  | { readonly status: 'completed'; readonly result: object }
  /** Refused by the rules of the domain: it is not tried again. */
  | { readonly status: 'failed'; readonly error: { readonly code: string; readonly message: string } };

/**
 * Executes one command. It may be called again for the same command after a crash: use the command id as
 * idempotency key, kept for longer than commands are (`COMMAND_KEPT_S`).
 * @throws anything unexpected: what is transient is tried for ever, the rest a few times, and then the command has failed
 */
export type CommandHandler = (command: ReceivedCommand, delivery: Delivery) => Promise<CommandOutcome>;

export interface CommandConsumerOptions extends Omit<ConsumerOptions, 'group'> {
  /** Category whose commands are executed. */
  readonly category: string;
  /** By command type. */
  readonly handlers: Readonly<Record<string, CommandHandler>>;
}

/**
 * Executes the durable commands of a category, in order for each stream. The consumer group is
 * `commands:<category>`; a command that is done leaves the queue, and its status stays.
 */
export function createCommandConsumer(options: CommandConsumerOptions): Consumer {
  const { category, handlers, ...rest } = options;
  const { store } = options;
  const handlerOf = new Map(Object.entries(handlers));

  /** Returns the status that stands now: a finished command stays as it is. */
  async function settle(command: ReceivedCommand, status: string, result: string): Promise<unknown> {
    const key = store.keys.command(command.partition, command.commandId);
    return await runScript(store.redis, scripts.settleCommand, [key], [status, result, COMMAND_KEPT_S]);
  }

  async function handle(command: ReceivedCommand, delivery: Delivery): Promise<void> {
    const handler = handlerOf.get(command.type);
    if (handler === undefined) throw new Error(`no handler for ${command.type}`);
    // redelivered after it was settled and before it was acknowledged: a refusal must not be thought over again
    if ((await settle(command, 'processing', '')) !== 'processing') return;
    const outcome = await handler(command, delivery);
    await settle(
      command,
      outcome.status,
      JSON.stringify(outcome.status === 'completed' ? outcome.result : outcome.error),
    );
  }

  const inbox: Inbox<ReceivedCommand> = {
    key: (partition) => store.keys.commandQueue(partition, category),
    decode: decodeCommand,
    sequenceOf: (command) => command.stream,
    wants: () => true,
    unreadable: ({ type, malformed }) =>
      malformed ?? (handlerOf.has(type) ? undefined : `unknown command type ${type}`),
    handle,
    factsOf: factsOfCommand,
    reject: async (command, error) => {
      // what went wrong inside is for the log (`onParked`), not for whoever asks for the status
      const message =
        typeof error === 'string' ? error : 'the command could not be executed; see the log of its service';
      await settle(command, 'failed', JSON.stringify({ code: 'COMMAND_FAILED', message }));
    },
    removeWhenDone: true,
  };
  return createInboxConsumer({ ...rest, group: `commands:${category}` }, inbox);
}
