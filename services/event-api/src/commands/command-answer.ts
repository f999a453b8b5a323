import { definedOnly } from '@headrace/event-schema';
import type { CommandStatus } from '@headrace/event-store';
import { z } from 'zod';
import { commandResultSchema } from './execute.ts';

export const commandSchema = z.object({
  id: z.string(),
  commandType: z.string(),
  streamId: z.string(),
  status: z.enum(['pending', 'processing', 'completed', 'failed']),
});

export const executedSchema = z
  .object({ command: commandSchema, result: commandResultSchema })
  .meta({ id: 'ExecutedCommand' });

export const queuedSchema = z
  .object({ command: commandSchema })
  .meta({ id: 'QueuedCommand', description: 'Ask for its status at `Location`' });

export const commandStatusSchema = z
  .object({
    ...commandSchema.shape,
    createdAt: z.string(),
    updatedAt: z.string().optional(),
    result: z.unknown().optional().describe('of a completed command: its event'),
    error: z.unknown().optional().describe('of a failed one: why it was refused'),
  })
  .meta({ id: 'CommandStatus' });

/** A command's status as HTTP shows it. */
export function presentStatus({
  commandId,
  type,
  stream,
  status,
  createdAt,
  updatedAt,
  result,
}: CommandStatus): z.output<typeof commandStatusSchema> {
  return {
    id: commandId,
    commandType: type,
    streamId: stream,
    status,
    createdAt,
    ...definedOnly({ updatedAt }),
    ...(result === undefined ? {} : { [status === 'failed' ? 'error' : 'result']: result }),
  };
}

/** Where the status of a command is. */
export function statusPath(commandId: string): string {
  return `/api/commands/${commandId}/status`;
}
