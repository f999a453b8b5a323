import { COMMAND_RECEIPT_KEPT_S, type CommandKind, type PreparedCommand } from '@headrace/consumer';
import { definedOnly } from '@headrace/event-schema';
import type { AppendContext, EventStore, IdempotentRequest } from '@headrace/event-store';
import { pinnedBy, type RequestLike, requestContext } from '@headrace/service-kit';
import { causeOf } from '../http/causing-event.ts';
import type { CommandBody } from './command-body.ts';
import { requestOf } from './execute.ts';

/** A command with all that its request says about it. */
export interface AskedCommand {
  readonly command: PreparedCommand;
  /** Always the same under an Idempotency-Key. */
  readonly commandId: string;
  /** Absent without a key. */
  readonly idempotency?: IdempotentRequest;
  readonly origin: AppendContext;
  readonly expectedVersion?: number;
}

/** The body's own word on who asks and why comes before that of the headers. */
export async function askedCommand(
  store: EventStore,
  kinds: readonly CommandKind[],
  request: RequestLike,
  body: CommandBody,
): Promise<AskedCommand> {
  const command = kinds.find(({ type }) => type === body.commandType)?.prepare(body.commandData);
  if (command === undefined) throw new Error(`${body.commandType} was accepted and cannot be executed`);
  const { idempotencyKey: key, ...headers } = requestContext(request);
  const origin: AppendContext = {
    ...headers,
    ...definedOnly({ ...body.metadata, cause: await causeOf(store, body.metadata?.causationId) }),
  };
  // `If-Match: *` asks for a stream that is there, which every change does anyway
  const pinned = pinnedBy(request, body.expectedVersion);
  const { actor = '' } = origin;
  const idempotency =
    key === undefined
      ? undefined
      : {
          key,
          actor,
          route: 'POST /api/commands',
          request: requestOf(command),
          ttlS: COMMAND_RECEIPT_KEPT_S,
        };
  return {
    command,
    commandId: store.newCommandId(command.stream, idempotency),
    ...(idempotency === undefined ? {} : { idempotency }),
    origin,
    ...(pinned === undefined || pinned === 'exists' ? {} : { expectedVersion: pinned }),
  };
}
