import { recordedMsOf } from '@headrace/event-schema';
import {
  COMMAND_KEPT_S,
  type EventStore,
  type HandleOptions,
  type HandleResult,
  type IdempotentRequest,
  WrongExpectedVersionError,
} from '@headrace/event-store';
import { AmountOutOfRangeError, TooManyDecimalsError, UnknownCurrencyError } from '@headrace/shop';
import { z } from 'zod';
import { DomainError } from '../domain/domain-error.ts';
import type { PreparedCommand } from './kinds.ts';

/** A day longer than the command itself, so that no late redelivery can execute it a second time. */
export const RECEIPT_KEPT_S = COMMAND_KEPT_S + 86_400;

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
  const { expectedVersion = 0 } = options;
  const handled = await command.execute(store, {
    ...options,
    creates: command.creates && expectedVersion === 0,
    ...(repeatable ? { idempotency: receiptOf(options.commandId, command) } : {}),
  });
  return { result: resultOf(handled), replayed: handled.replayed };
}

function receiptOf(commandId: string, command: PreparedCommand): IdempotentRequest {
  return {
    key: commandId,
    actor: 'commands',
    route: 'commands',
    request: requestOf(command),
    ttlS: RECEIPT_KEPT_S,
  };
}

/** What is asked for under a key; preconditions and metadata are no part of it. */
export function requestOf({ type, data }: PreparedCommand): object {
  return { type, data };
}

function resultOf({ stream, version, positions }: HandleResult<unknown>): CommandResult {
  const position = positions.at(-1);
  if (position === undefined) throw new Error(`a command on ${stream} led to no event`);
  const timestamp = new Date(recordedMsOf(position)).toISOString();
  return { eventId: position, streamId: stream, version, position, timestamp };
}

/** An answer of the domain, of money or of a precondition: nothing was appended, and the command has failed. */
export type Refusal =
  | DomainError
  | TooManyDecimalsError
  | UnknownCurrencyError
  | AmountOutOfRangeError
  | WrongExpectedVersionError;

export function isRefusal(error: unknown): error is Refusal {
  return (
    error instanceof DomainError ||
    error instanceof TooManyDecimalsError ||
    error instanceof UnknownCurrencyError ||
    error instanceof AmountOutOfRangeError ||
    error instanceof WrongExpectedVersionError
  );
}

/** A refusal as a command's status keeps it. */
export function failureOf(refusal: Refusal): { readonly code: string; readonly message: string } {
  return { code: refusal.code, message: refusal.message };
}
