import type { EventStore } from '@headrace/event-store';
import { type HttpApp, responses } from '@headrace/service-kit';
import { z } from 'zod';
import { commandStatusSchema, presentStatus } from '../commands/command-answer.ts';
import { CommandNotFoundError } from '../commands/errors.ts';
import { success, successOf } from '../http/answer.ts';
import { TAGS } from '../http/descriptions.ts';

/** `GET /api/commands/:commandId/status`. */
export function registerCommandStatus(app: HttpApp, store: EventStore): void {
  app.get(
    '/api/commands/:commandId/status',
    {
      schema: {
        tags: [TAGS.commands],
        summary: 'What became of a command; known for seven days after its end',
        params: z.object({ commandId: z.string().max(128) }),
        response: responses({ 200: successOf(commandStatusSchema) }, 404, 503),
      },
    },
    async (request, reply) => {
      const { commandId } = request.params;
      const status = await store.commandStatus(commandId);
      if (status === null) throw new CommandNotFoundError(commandId);
      reply.header('cache-control', 'no-store');
      return success(presentStatus(status));
    },
  );
}
