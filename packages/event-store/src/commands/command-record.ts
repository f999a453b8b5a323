import { assertStreamName } from '@headrace/event-schema';
import {
  deterministicId,
  fingerprintOfRequest,
  type IdempotentRequest,
  scopeOf,
} from '../append/idempotency.ts';
import { repeatUntilKnown } from '../connection/repeat-until-known.ts';
import { reading } from '../connection/translate-redis-error.ts';
import { requireOpen, type StoreContext } from '../context.ts';
import { StoreOutOfMemoryError, StoreUnavailableError } from '../errors.ts';
import type { StoreKeys } from '../keys.ts';
import { runScript } from '../scripts/script.ts';
import { scripts } from '../scripts/store-scripts.ts';
import { COMMAND_KEPT_S } from './command-queue.ts';

/** Outcome of a command that was executed while its sender waited, and was never queued. */
export interface CommandRecord {
  /** From `newCommandId` for the same stream. */
  readonly commandId: string;
  readonly type: string;
  readonly stream: string;
  readonly status: 'completed' | 'failed';
  /** As `CommandStatus.result`. Must be JSON. */
  readonly result: object;
  /** As `DurableCommand.request`. */
  readonly request?: unknown;
}

/** An id for a command on a stream, `<partition>-<uuid>`: always the same for the same key, else a new one. */
export function newCommandId(keys: StoreKeys, stream: string, idempotency?: IdempotentRequest): string {
  const uuid =
    idempotency === undefined
      ? crypto.randomUUID()
      : deterministicId('command', stream, ...scopeOf(idempotency));
  return `${keys.partitionOf(stream)}-${uuid}`;
}

/**
 * Stores the outcome of a command for `commandStatus`. A completed command stays completed; a refusal is replaced by the
 * success of a later attempt under the same id.
 * @throws StoreUnavailableError if Redis does not answer for `outcomeTimeoutMs`, StoreOutOfMemoryError
 */
export async function recordCommand(context: StoreContext, record: CommandRecord): Promise<void> {
  requireOpen(context);
  const { commandId, type, stream, status, result, request } = record;
  assertStreamName(stream);
  const { keys, reader } = context;
  const partition = keys.partitionOf(stream);
  const recordKeys = [keys.command(partition, commandId), keys.count(partition, 'commands')];
  const fingerprint = request === undefined ? '' : fingerprintOfRequest(request);
  const args = [type, stream, status, JSON.stringify(result), fingerprint, COMMAND_KEPT_S];
  await repeatUntilKnown(context, () => reading(runScript(reader, scripts.recordCommand, recordKeys, args)), {
    isAnswer: (error) => error instanceof StoreOutOfMemoryError,
    giveUp: (last) => new StoreUnavailableError('what became of a command was not recorded', { cause: last }),
  });
}
