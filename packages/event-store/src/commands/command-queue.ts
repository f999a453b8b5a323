import { assertStreamName } from '@headrace/event-schema';
import { SpanKind } from '@opentelemetry/api';
import { IdempotencyKeyReusedError, InvalidAppendError } from '../append/append-errors.ts';
import { deterministicId, fingerprintOfRequest } from '../append/idempotency.ts';
import { repeatUntilKnown } from '../connection/repeat-until-known.ts';
import { ReplyLostError, reading } from '../connection/translate-redis-error.ts';
import { requireOpen, type StoreContext } from '../context.ts';
import { DurabilityNotReachedError, StoreUnavailableError } from '../errors.ts';
import { scripts } from '../scripts/store-scripts.ts';
import { currentTrace, inSpan, traceparentOf } from '../tracing/spans.ts';

/** Who asked and why; carried from the sender to the events that the command leads to. */
export interface CommandMeta {
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly actor?: string;
  readonly traceparent?: string;
  /** Position of the causing event. */
  readonly cause?: string;
  /** The stream must be at this version when the command is executed. */
  readonly expectedVersion?: number;
}

/** A command to be executed once, later, by the service that owns its category. */
export interface DurableCommand {
  readonly type: string;
  readonly category: string;
  readonly stream: string;
  readonly data: unknown;
  readonly meta?: CommandMeta;
  /**
   * Identifies the command, such as the id of the event that it answers: sending it again under the same key does
   * nothing. Default: every send is a new command.
   */
  readonly key?: string;
  /** An id from `newCommandId`, in place of `key`. */
  readonly commandId?: string;
  /**
   * What was asked for, if a client chose the key: another request under the same key is refused. Must be JSON.
   * Default: every command under the key counts as the same.
   */
  readonly request?: unknown;
}

export interface SentCommand {
  /** `<partition>-<uuid>`. */
  readonly commandId: string;
  /** True if it was sent before, under the same key. */
  readonly repeated: boolean;
}

export type CommandStatusName = 'pending' | 'processing' | 'completed' | 'failed';

export interface CommandStatus {
  readonly commandId: string;
  readonly status: CommandStatusName;
  readonly type: string;
  readonly stream: string;
  readonly createdAt: string;
  readonly updatedAt?: string;
  /** Of a completed command the event's id and version, of a failed one the refusal. */
  readonly result?: unknown;
}

/** Finished commands expire after this time, s. */
export const COMMAND_KEPT_S = 7 * 86_400;

/**
 * Queues a command; when this returns, it is as durable as an event.
 * @throws InvalidStreamNameError, InvalidAppendError, IdempotencyKeyReusedError, StoreUnavailableError,
 *   StoreOutOfMemoryError, DurabilityNotReachedError. After any of the last three a command without a key or an
 *   id may be sent twice by trying again.
 */
export async function sendCommand(context: StoreContext, command: DurableCommand): Promise<SentCommand> {
  const parent = currentTrace(command.meta?.traceparent);
  if (parent === undefined) return await queueCommand(context, command);
  const { type, stream, meta } = command;
  const attributes = { 'headrace.stream': stream, 'headrace.command_type': type };
  return await inSpan(parent, { name: 'send', kind: SpanKind.PRODUCER, attributes }, async (span) => {
    // the execution is part of the same trace
    const traced = { ...command, meta: { ...meta, traceparent: traceparentOf(span) } };
    const sent = await queueCommand(context, traced);
    span.setAttributes({ 'headrace.command_id': sent.commandId, 'headrace.replayed': sent.repeated });
    return sent;
  });
}

async function queueCommand(context: StoreContext, command: DurableCommand): Promise<SentCommand> {
  requireOpen(context);
  assertStreamName(command.stream);
  if (typeof command.data !== 'object' || command.data === null)
    throw new InvalidAppendError(`data of command ${command.type} must be a JSON object`);
  const { keys } = context;
  const partition = keys.partitionOf(command.stream);
  const commandId = command.commandId ?? derivedId(command, partition);
  const args = [
    commandId,
    command.type,
    command.stream,
    JSON.stringify(command.data),
    JSON.stringify(command.meta ?? {}),
    command.request === undefined ? '' : fingerprintOfRequest(command.request),
  ];
  const queueKeys = [
    keys.commandQueue(partition, command.category),
    keys.command(partition, commandId),
    keys.count(partition, 'commands'),
  ];
  const status = await send(context, command.stream, queueKeys, args);
  if (status === 'key-reused') throw new IdempotencyKeyReusedError(command.stream);
  const isKeyed = command.key !== undefined || command.commandId !== undefined;
  return { commandId, repeated: isKeyed && status === 'repeated' };
}

function derivedId({ type, stream, key }: DurableCommand, partition: number): string {
  return `${partition}-${deterministicId('durable-command', type, stream, key ?? crypto.randomUUID())}`;
}

/** After a lost reply it sends again: the script recognises the id. */
async function send(
  context: StoreContext,
  stream: string,
  keys: readonly string[],
  args: readonly string[],
): Promise<string> {
  const sendOnce = async (): Promise<string> => {
    const { reply, confirm } = await context.appends.run(scripts.sendCommand, keys, args);
    await confirm?.(stream, 0);
    return (reply as ['sent' | 'repeated' | 'key-reused'])[0];
  };
  try {
    return await sendOnce();
  } catch (error) {
    if (!(error instanceof ReplyLostError)) throw error;
    return await repeatUntilKnown(context, sendOnce, {
      isAnswer: (again) => again instanceof DurabilityNotReachedError,
      giveUp: (last) =>
        new StoreUnavailableError('whether the command was sent is not known', { cause: last }),
    });
  }
}

/** Status of a command; null for an id that is unknown or has expired. */
export async function commandStatus(context: StoreContext, commandId: string): Promise<CommandStatus | null> {
  const partition = /^(\d{1,4})-[0-9a-f-]{36}$/.exec(commandId)?.[1];
  if (partition === undefined || Number(partition) >= context.keys.partitions) return null;
  const fields = await reading(context.reader.hgetall(context.keys.command(Number(partition), commandId)));
  const { status, type, stream, createdAt, updatedAt, result } = fields;
  if (status === undefined || type === undefined || stream === undefined) return null;
  return {
    commandId,
    status: status as CommandStatusName,
    type,
    stream,
    createdAt: new Date(Number(createdAt)).toISOString(),
    ...(updatedAt === undefined ? {} : { updatedAt: new Date(Number(updatedAt)).toISOString() }),
    ...(result === undefined ? {} : { result: JSON.parse(result) as unknown }),
  };
}
