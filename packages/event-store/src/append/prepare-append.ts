import { type EventMeta, parsePosition } from '@headrace/event-schema';
import type { StoreContext } from '../context.ts';
import { InvalidAppendError } from './append-errors.ts';
import type { AppendOptions, ExpectedVersion } from './append-options.ts';
import { deterministicId, fingerprintOf, scopeOf } from './idempotency.ts';
import { layOut, type NewEvent } from './new-events.ts';
import type { Attempt } from './prepared-append.ts';

const LONGEST_TTL_S = 10 * 366 * 86_400;

/** @throws InvalidAppendError, InvalidPositionError, and what `layOut` throws */
export function prepare(
  context: StoreContext,
  stream: string,
  events: readonly NewEvent[],
  options: AppendOptions,
): Attempt {
  const { keys, registry, settings } = context;
  const { idempotency, cause, expectedVersion = 'any' } = options;
  const scope = idempotency === undefined ? [] : scopeOf(idempotency);
  const fingerprint = idempotency === undefined ? '' : fingerprintOf(idempotency);
  const commandId =
    options.commandId ??
    (idempotency === undefined ? crypto.randomUUID() : deterministicId('command', stream, ...scope));
  const meta = metaOf(options, commandId, fingerprint, expectedVersion);
  const { requests, bytes } = layOut(registry, stream, events, meta);
  const partition = keys.partitionOf(stream);
  const index = keys.stream(stream);
  return {
    stream,
    partition,
    expected: expectedVersion,
    commandId,
    fingerprint,
    count: events.length,
    bytes,
    keys: [index, idempotency === undefined ? index : keys.idempotency(stream, scope)],
    request: [
      stream,
      expectedVersion,
      cause === undefined ? 0 : parsePosition(cause).ms,
      fingerprint,
      boundedTtl(idempotency?.ttlS ?? settings.idempotencyTtlS),
      requests,
    ],
  };
}

/**
 * Checks how long a receipt or claim is kept. Done here since a script that fails half-way is not rolled back.
 * @throws InvalidAppendError
 */
export function boundedTtl(ttlS: number): number {
  if (Number.isInteger(ttlS) && ttlS >= 1 && ttlS <= LONGEST_TTL_S) return ttlS;
  throw new InvalidAppendError(
    `ttlS must be a whole number of seconds from 1 to ${LONGEST_TTL_S}, not ${ttlS}`,
  );
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
    // lets a repeat of the creation be recognised after its receipt has expired
    ...(fingerprint !== '' && creates ? { fingerprint } : {}),
  };
}
