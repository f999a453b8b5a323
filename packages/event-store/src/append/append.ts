import { type Context, SpanKind } from '@opentelemetry/api';
import { DISPUTED } from '../connection/log-identity.ts';
import { repeatUntilKnown } from '../connection/repeat-until-known.ts';
import { ReplyLostError } from '../connection/translate-redis-error.ts';
import { requireOpen, type StoreContext } from '../context.ts';
import { DurabilityNotReachedError, LogDisputedError } from '../errors.ts';
import { currentTrace, inSpan, traceparentOf } from '../tracing/spans.ts';
import {
  AppendOutcomeUnknownError,
  ClockAheadError,
  IdempotencyKeyReusedError,
  PartitionHeldError,
  WrongExpectedVersionError,
} from './append-errors.ts';
import type { AppendOptions } from './append-options.ts';
import { type AppendResult, consecutive, resultOfReceipt } from './append-result.ts';
import { earlierAppend } from './earlier-append.ts';
import { parseReceipt } from './idempotency.ts';
import type { NewEvent } from './new-events.ts';
import { prepare } from './prepare-append.ts';
import type { Attempt } from './prepared-append.ts';

/**
 * Appends events to a stream, all or none; returns when they are as durable as declared.
 * @throws WrongExpectedVersionError, IdempotencyKeyReusedError, StoreUnavailableError, StoreOutOfMemoryError,
 *   ClockAheadError, PartitionHeldError, LogChangedError, LogDisputedError and what `prepare` throws: nothing was
 *   appended. DurabilityNotReachedError: appended, not yet confirmed. AppendOutcomeUnknownError: appended or not.
 */
export async function append(
  context: StoreContext,
  stream: string,
  events: readonly NewEvent[],
  options: AppendOptions,
): Promise<AppendResult> {
  const { meter } = context;
  const startedAt = performance.now();
  const parent = currentTrace(options.traceparent);
  try {
    const result = await (parent === undefined
      ? appendOnce(context, stream, events, options)
      : appendInSpan(parent, context, stream, events, options));
    meter.done(result.replayed, events.length, (performance.now() - startedAt) / 1_000);
    return result;
  } catch (error) {
    meter.failed(error);
    throw error;
  }
}

/**
 * Checks an append without Redis.
 * @throws what `prepare` throws
 */
export function assertAppendable(
  context: StoreContext,
  stream: string,
  events: readonly NewEvent[],
  options: AppendOptions,
): void {
  try {
    prepare(context, stream, events, options);
  } catch (error) {
    context.meter.failed(error);
    throw error;
  }
}

/** The events carry the span's trace context, so that the spans of their handlers are its children. */
async function appendInSpan(
  parent: Context,
  context: StoreContext,
  stream: string,
  events: readonly NewEvent[],
  options: AppendOptions,
): Promise<AppendResult> {
  const attributes = {
    'headrace.stream': stream,
    'headrace.event_types': [...new Set(events.map(({ type }) => type))],
    'headrace.events': events.length,
  };
  return await inSpan(parent, { name: 'append', kind: SpanKind.PRODUCER, attributes }, async (span) => {
    const result = await appendOnce(context, stream, events, {
      ...options,
      traceparent: traceparentOf(span),
    });
    const { version, positions, replayed } = result;
    span.setAttributes({
      'headrace.version': version,
      'headrace.event_id': positions[0] ?? '',
      'headrace.replayed': replayed,
    });
    return result;
  });
}

async function appendOnce(
  context: StoreContext,
  stream: string,
  events: readonly NewEvent[],
  options: AppendOptions,
): Promise<AppendResult> {
  requireOpen(context);
  const attempt = prepare(context, stream, events, options);
  try {
    return await tryOnce(context, attempt);
  } catch (error) {
    if (!(error instanceof ReplyLostError)) throw error;
    return await settle(context, attempt, error);
  }
}

async function tryOnce(context: StoreContext, attempt: Attempt): Promise<AppendResult> {
  const { reply, confirm } = await context.groupCommit(attempt);
  const result = await interpret(context, attempt, reply as readonly [string, ...(string | number)[]]);
  await confirm?.(attempt.stream, result.version);
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
      const [before, firstId] = rest;
      return {
        stream,
        version: Number(before) + count,
        positions: consecutive(partition, String(firstId), count),
        replayed: false,
      };
    }
    case 'repeated':
      return resultOfReceipt(stream, partition, parseReceipt(String(rest[0])));
    case 'key-reused':
      throw new IdempotencyKeyReusedError(stream);
    case 'conflict': {
      const earlier = await earlierAppend(context, attempt);
      if (earlier !== undefined) return earlier;
      throw new WrongExpectedVersionError(stream, attempt.expected, Number(rest[0]));
    }
    case 'clock-ahead':
      throw new ClockAheadError(Number(rest[0]));
    case 'failed':
      throw new Error(`the append to "${stream}" failed in Redis: ${rest[0]}`);
    case 'held':
      throw rest[0] === DISPUTED
        ? new LogDisputedError(context.keys.meta)
        : new PartitionHeldError(partition);
    default:
      throw new Error(`append script answered "${status}"`);
  }
}

/**
 * Finds out what became of an append whose reply was lost. With a key or an exact expected version the same append is
 * sent again: if the first one arrived, the script says so and appends nothing. Any other refusal of the second one says
 * nothing about the first.
 */
async function settle(context: StoreContext, attempt: Attempt, lost: ReplyLostError): Promise<AppendResult> {
  const { stream, expected, commandId, fingerprint } = attempt;
  const repeatable = fingerprint !== '' || typeof expected === 'number' || expected === 'no-stream';
  if (!repeatable) throw new AppendOutcomeUnknownError(stream, commandId, lost);
  return await repeatUntilKnown(context, () => tryOnce(context, attempt), {
    isAnswer,
    giveUp: (last) => new AppendOutcomeUnknownError(stream, commandId, last),
  });
}

function isAnswer(error: unknown): boolean {
  return (
    error instanceof WrongExpectedVersionError ||
    error instanceof IdempotencyKeyReusedError ||
    error instanceof DurabilityNotReachedError
  );
}
