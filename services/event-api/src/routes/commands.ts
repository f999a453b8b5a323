import { type CommandKind, failureOf, isRefusal } from '@headrace/consumer';
import { definedOnly } from '@headrace/event-schema';
import type { CommandRecord, CommandStatusName, EventStore } from '@headrace/event-store';
import { type HeaderSink, type HttpApp, markReplayed, markWritten, responses } from '@headrace/service-kit';
import type { FastifyBaseLogger } from 'fastify';
import type { z } from 'zod';
import { type AskedCommand, askedCommand } from '../commands/asked-command.ts';
import { executedSchema, queuedSchema, statusPath } from '../commands/command-answer.ts';
import { commandBody } from '../commands/command-body.ts';
import { CommandRefusedError } from '../commands/errors.ts';
import { type Execution, execute, requestOf } from '../commands/execute.ts';
import { success, successOf } from '../http/answer.ts';
import { commandHeaders, TAGS } from '../http/descriptions.ts';
import { prefersAsync } from '../http/prefer.ts';

export interface CommandDeps {
  readonly store: EventStore;
  readonly kinds: readonly CommandKind[];
}

/** `POST /api/commands`. */
export function registerCommands(app: HttpApp, { store, kinds }: CommandDeps): void {
  app.post(
    '/api/commands',
    {
      schema: {
        tags: [TAGS.commands],
        summary: 'Executes a command on an account or a user, now or durably queued',
        description:
          'A refused command has a status too: the problem names its `commandId`. With `Prefer: respond-async` the command is queued; it is then executed once, whatever crashes.',
        headers: commandHeaders,
        body: commandBody,
        response: responses(
          { 201: successOf(executedSchema), 202: successOf(queuedSchema) },
          ...([400, 404, 409, 412, 422, 503] as const),
        ),
      },
    },
    async (request, reply) => {
      const asked = await askedCommand(store, kinds, request, request.body);
      return await store.underKey(asked.idempotency, async () => {
        reply.header('location', statusPath(asked.commandId));
        if (prefersAsync(request)) {
          reply.code(202).header('preference-applied', 'respond-async');
          return success(await enqueue(store, asked, reply));
        }
        const done = await executeNow(store, asked, request.log);
        const { replayed, result } = done;
        markWritten(reply, { version: result.version, replayed }, asked.idempotency);
        reply.code(201);
        return success({ command: commandOf(asked, 'completed'), result: done.result });
      });
    },
  );
}

/** Queues the command; what was asked before under the same key is only looked up. */
async function enqueue(
  store: EventStore,
  asked: AskedCommand,
  reply: HeaderSink,
): Promise<z.output<typeof queuedSchema>> {
  const { command, commandId, idempotency, origin, expectedVersion } = asked;
  const isKeyed = idempotency !== undefined;
  const { type, category, stream, data } = command;
  const { ip: _, ...meta } = origin;
  const { repeated } = await store.sendCommand({
    commandId,
    type,
    category,
    stream,
    data,
    meta: { ...meta, ...definedOnly({ expectedVersion }) },
    ...(isKeyed ? { request: requestOf(command) } : {}),
  });
  // a new id that is known already was sent by this very request, whose first reply from the store got lost
  if (!repeated || !isKeyed) return { command: commandOf(asked, 'pending') };
  markReplayed(reply);
  const known = await store.commandStatus(commandId);
  return { command: commandOf(asked, known?.status ?? 'pending') };
}

/** @throws CommandRefusedError where the domain or a precondition refuses it */
async function executeNow(
  store: EventStore,
  { command, commandId, idempotency, origin, expectedVersion }: AskedCommand,
  log: FastifyBaseLogger,
): Promise<Execution> {
  const isKeyed = idempotency !== undefined;
  const record = async (ending: Pick<CommandRecord, 'status' | 'result'>): Promise<void> => {
    const { type, stream } = command;
    const request = isKeyed ? { request: requestOf(command) } : {};
    try {
      await store.recordCommand({ commandId, type, stream, ...request, ...ending });
    } catch (error) {
      // what the command did stands in the log: that its status is lost must not make it look undone
      log.warn({ err: error, commandId }, 'the status of a command could not be recorded');
    }
  };
  try {
    const options = { ...origin, ...definedOnly({ expectedVersion }), commandId, repeatable: isKeyed };
    const execution = await execute(store, command, options);
    await record({ status: 'completed', result: execution.result });
    return execution;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await record({ status: 'failed', result: failureOf(error) });
    throw new CommandRefusedError(commandId, error);
  }
}

function commandOf({ command, commandId }: AskedCommand, status: CommandStatusName) {
  return { id: commandId, commandType: command.type, streamId: command.stream, status };
}
