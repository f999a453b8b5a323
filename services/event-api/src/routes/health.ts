import type { EventStore } from '@headrace/event-store';
import { type HttpApp, responses } from '@headrace/service-kit';
import { z } from 'zod';
import { TAGS } from '../http/descriptions.ts';

const healthSchema = z.object({
  status: z.literal('healthy'),
  timestamp: z.string(),
  totalEvents: z.int(),
  totalStreams: z.int(),
  totalCommands: z.int().describe('executed or queued since the log was created'),
});

/** `GET /health`: a summary of the store that costs the same however long the log is. */
export function registerHealth(app: HttpApp, store: EventStore, now: () => Date): void {
  app.get(
    '/health',
    {
      config: { rateLimit: false },
      schema: {
        tags: [TAGS.operations],
        summary: 'How much there is in the event store',
        response: responses({ 200: healthSchema }, 503),
      },
    },
    async (_request, reply) => {
      const { events, streams, commands } = await store.totals();
      reply.header('cache-control', 'no-store');
      return {
        status: 'healthy' as const,
        timestamp: now().toISOString(),
        totalEvents: events,
        totalStreams: streams,
        totalCommands: commands,
      };
    },
  );
}
