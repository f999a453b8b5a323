import type { CommandContract, Decider, DomainEvent } from '@headrace/event-schema';
import {
  COMMAND_KEPT_S,
  type EventStore,
  type HandleOptions,
  type HandleResult,
  type IdempotentRequest,
} from '@headrace/event-store';

/** Seconds that the receipt of a command is kept: a day longer than the command, so that no late redelivery repeats it. */
export const COMMAND_RECEIPT_KEPT_S = COMMAND_KEPT_S + 86_400;

/** What identifies the request behind a command; the key of its receipt is the command's id. */
export type CommandRequest = Pick<IdempotentRequest, 'actor' | 'route' | 'request'>;

/** The receipt of a command, the same whether its sender waits or it comes from the queue. */
export function commandReceipt(request: CommandRequest, commandId: string): IdempotentRequest {
  return { ...request, key: commandId, ttlS: COMMAND_RECEIPT_KEPT_S };
}

/** A command whose data has the shape of its type, ready to be executed or queued. */
export interface PreparedCommand<State = unknown> {
  readonly type: string;
  readonly category: string;
  readonly stream: string;
  readonly data: object;
  /**
   * Loads, decides and appends.
   * @throws what `isRefusal` tells, and what the store's `handle` throws
   */
  execute(store: EventStore, options: Omit<HandleOptions, 'creates'>): Promise<HandleResult<State>>;
}

/** A type of command and the decider that decides on it. */
export interface CommandKind<State = unknown> {
  readonly type: string;
  readonly category: string;
  /** Undefined where the data is not that of the type. */
  prepare(data: unknown): PreparedCommand<State> | undefined;
}

export interface CommandKindOptions {
  /** The command begins its stream; default false. */
  readonly creates?: boolean;
}

/** Joins the contract of a command with the decider that decides on it. */
export function commandKind<const Type extends string, Data extends object, State, Event extends DomainEvent>(
  { type, category, schema, streamOf }: Omit<CommandContract<Type, Data>, 'description'>,
  decider: Decider<NoInfer<{ readonly type: Type; readonly data: Data }>, State, Event>,
  { creates = false }: CommandKindOptions = {},
): CommandKind<State> {
  return {
    type,
    category,
    prepare: (given) => {
      const { success, data } = schema.safeParse(given);
      if (!success) return undefined;
      const stream = streamOf(data);
      return {
        type,
        category,
        stream,
        data,
        execute: (store, options) =>
          store.handle(
            decider,
            stream,
            { type, data },
            { ...options, creates: creates && (options.expectedVersion ?? 0) === 0 },
          ),
      };
    },
  };
}
