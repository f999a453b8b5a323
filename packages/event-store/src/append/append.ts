import { type EventMeta, formatPosition, recordedMsOf } from '@headrace/event-schema';
import { v7 as uuidv7 } from 'uuid';
import { ReplyLostError } from '../connection/failures.ts';
import type { StoreContext } from '../context.ts';
import {
  AppendOutcomeUnknownError,
  ClockAheadError,
  type ExpectedVersion,
  IdempotencyKeyReusedError,
  PartitionHeldError,
  StoreUnavailableError,
  WrongExpectedVersionError,
} from '../errors.ts';
import { readStreamPage } from '../read/stream.ts';
import { scripts } from '../scripts/index.ts';
import { MAX_CLOCK_AHEAD_MS } from '../settings.ts';
import { layOut, type NewEvent } from './events.ts';
import { fingerprintOf, type IdempotentRequest, parseReceipt, type Receipt, scopeOf } from './idempotency.ts';

/** Who asks and why; what is absent is not written. */
export interface AppendContext {
  /** Default: a new UUID. A writer that tries again after an unknown outcome passes the same one. */
  readonly commandId?: string;
  /** Default: the commandId. */
  readonly correlationId?: string;
  readonly causationId?: string;
  /** Position of the causing event: the new events sort after it, on every partition. */
  readonly cause?: string;
  readonly actor?: string;
  readonly traceparent?: string;
  readonly ip?: string;
}

export interface AppendOptions extends AppendContext {
  /** Default `any`. */
  readonly expectedVersion?: ExpectedVersion;
  readonly idempotency?: IdempotentRequest;
}

export interface AppendResult {
  readonly stream: string;
  /** Version of the stream after the append. */
  readonly version: number;
  /** Positions of the appended events, in order; each is its event's id. */
  readonly positions: readonly string[];
  /** The append was found done already: by an earlier request under the key, or by this one before its reply was lost. */
  readonly replayed: boolean;
}

interface Attempt {
  readonly stream: string;
  readonly partition: number;
  readonly expected: ExpectedVersion;
  readonly commandId: string;
  readonly count: number;
  readonly keyed: boolean;
  readonly keys: readonly string[];
  readonly args: readonly (string | number)[];
}

/**
 * Appends events to a stream, all or none; returns when they are as durable as declared.
 * @throws WrongExpectedVersionError, IdempotencyKeyReusedError, StoreUnavailableError, StoreOutOfMemoryError,
 *   ClockAheadError, PartitionHeldError and whatever `layOut` throws: nothing was appended.
 *   DurabilityNotReachedError: appended, not yet confirmed. AppendOutcomeUnknownError: nobody can tell.
 */
export async function append(
  context: StoreContext,
  stream: string,
  events: readonly NewEvent[],
  options: AppendOptions,
): Promise<AppendResult> {
  const attempt = prepare(context, stream, events, options);
  try {
    return await tryOnce(context, attempt);
  } catch (error) {
    if (!(error instanceof ReplyLostError)) throw error;
    return await settle(context, attempt, error);
  }
}

function prepare(
  context: StoreContext,
  stream: string,
  events: readonly NewEvent[],
  options: AppendOptions,
): Attempt {
  const { keys, registry, settings } = context;
  const { idempotency, expectedVersion = 'any' } = options;
  const commandId = options.commandId ?? uuidv7();
  const fingerprint = idempotency === undefined ? '' : fingerprintOf(idempotency);
  const eventArgs = layOut(
    registry,
    stream,
    events,
    metaOf(options, commandId, fingerprint, expectedVersion),
  );
  const partition = keys.partitionOf(stream);
  return {
    stream,
    partition,
    expected: expectedVersion,
    commandId,
    count: events.length,
    keyed: idempotency !== undefined,
    keys: [
      keys.log(partition),
      keys.stream(stream),
      keys.hold(partition),
      keys.idempotency(stream, idempotency === undefined ? [] : scopeOf(idempotency)),
    ],
    args: [
      stream,
      expectedVersion,
      options.cause === undefined ? 0 : recordedMsOf(options.cause),
      MAX_CLOCK_AHEAD_MS,
      fingerprint,
      idempotency?.ttlS ?? settings.idempotencyTtlS,
      ...eventArgs,
    ],
  };
}

function metaOf(
  options: AppendOptions,
  commandId: string,
  fingerprint: string,
  expected: ExpectedVersion,
): EventMeta {
  const { correlationId = commandId, causationId = options.cause, actor, traceparent, ip } = options;
  const creates = expected === 'no-stream' || expected === 0;
  return {
    commandId,
    correlationId,
    ...(causationId === undefined ? {} : { causationId }),
    ...(actor === undefined ? {} : { actor }),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(ip === undefined ? {} : { ip }),
    // a creation can be recognised for ever, not only while its receipt is kept
    ...(fingerprint !== '' && creates ? { fingerprint } : {}),
  };
}

async function tryOnce(context: StoreContext, attempt: Attempt): Promise<AppendResult> {
  const { reply, confirm } = await context.appends.run(scripts.append, attempt.keys, attempt.args);
  const result = await interpret(context, attempt, reply as readonly [string, ...(string | number)[]]);
  await confirm(attempt.stream, result.version);
  return result;
}

async function interpret(
  context: StoreContext,
  attempt: Attempt,
  [status, ...rest]: readonly [string, ...(string | number)[]],
): Promise<AppendResult> {
  const { stream, partition, count } = attempt;
  switch (status) {
    case 'appended': {
      const [before, ms, firstSeq] = rest;
      return {
        stream,
        version: Number(before) + count,
        positions: consecutive(partition, `${ms}-${firstSeq}`, count),
        replayed: false,
      };
    }
    case 'repeated':
      return resultOfReceipt(stream, partition, parseReceipt(String(rest[0])));
    case 'key-reused':
      throw new IdempotencyKeyReusedError(stream);
    case 'conflict':
      return await ownEarlierAppend(context, attempt, Number(rest[0]));
    case 'clock-ahead':
      throw new ClockAheadError(Number(rest[0]));
    case 'held':
      throw new PartitionHeldError(partition);
    default:
      throw new Error(`append script answered "${status}"`);
  }
}

/** Positions of an append's events from the first of them: a script numbers them without a gap. */
function consecutive(partition: number, firstEntryId: string, count: number): string[] {
  const dash = firstEntryId.indexOf('-');
  const ms = firstEntryId.slice(0, dash);
  const firstSeq = Number(firstEntryId.slice(dash + 1));
  return Array.from({ length: count }, (_, i) => formatPosition(partition, `${ms}-${firstSeq + i}`));
}

export function resultOfReceipt(stream: string, partition: number, receipt: Receipt): AppendResult {
  const positions = consecutive(partition, receipt.firstEntryId, receipt.count);
  return { stream, version: receipt.version, positions, replayed: true };
}

/** A conflict with an event that carries our own command id is our own success, seen twice. */
async function ownEarlierAppend(
  context: StoreContext,
  attempt: Attempt,
  actual: number,
): Promise<AppendResult> {
  const { stream, expected, count, commandId } = attempt;
  const before = expected === 'no-stream' ? 0 : expected;
  if (typeof before === 'number' && actual >= before + count) {
    const { events } = await readStreamPage(context, stream, before + 1, before + 1);
    const first = events[0];
    if (first?.meta.commandId === commandId) {
      const firstEntryId = first.position.slice(first.position.indexOf('-') + 1);
      return {
        stream,
        version: before + count,
        positions: consecutive(attempt.partition, firstEntryId, count),
        replayed: true,
      };
    }
  }
  throw new WrongExpectedVersionError(stream, expected, actual);
}

/**
 * Finds out what became of an append whose reply was lost. With a key or an exact expected version the same
 * append may simply be sent again: had it arrived, the script says so and appends nothing.
 */
async function settle(context: StoreContext, attempt: Attempt, lost: ReplyLostError): Promise<AppendResult> {
  const repeatable =
    attempt.keyed || typeof attempt.expected === 'number' || attempt.expected === 'no-stream';
  if (!repeatable) throw new AppendOutcomeUnknownError(attempt.stream, attempt.commandId, lost);
  const deadline = performance.now() + context.settings.outcomeTimeoutMs;
  while (performance.now() < deadline) {
    try {
      return await tryOnce(context, attempt);
    } catch (error) {
      const passing = error instanceof ReplyLostError || error instanceof StoreUnavailableError;
      if (!passing) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new AppendOutcomeUnknownError(attempt.stream, attempt.commandId, lost);
}
