import { z } from 'zod';
import type { HttpApp } from '../http/http-app.ts';
import type { Readiness } from './readiness.ts';

const liveSchema = z.object({ status: z.literal('live') });
const readySchema = z.object({
  status: z.enum(['ready', 'starting', 'not-ready', 'stopping']),
  checks: z
    .array(
      z.object({
        name: z.string(),
        ok: z.boolean(),
        required: z.boolean().describe('false: requests may be sent here without it'),
        durationMs: z.number(),
        error: z.string().optional(),
      }),
    )
    .readonly(),
});

/**
 * `GET /health/live`: 200 as long as the process answers at all, whatever its dependencies do, because a restart
 * would not bring them back. `GET /health/ready`: 200 when every check of what callers need passes, else 503, with the
 * list.
 */
export function registerHealthRoutes(app: HttpApp, readiness: Readiness): void {
  const config = { rateLimit: false } as const;
  app.get(
    '/health/live',
    {
      config,
      schema: { tags: ['operations'], summary: 'Whether the process answers', response: { 200: liveSchema } },
    },
    () => ({ status: 'live' as const }),
  );
  app.get(
    '/health/ready',
    {
      config,
      schema: {
        tags: ['operations'],
        summary: 'Whether requests should be sent here',
        response: { 200: readySchema, 503: readySchema },
      },
    },
    async (_request, reply) => {
      const report = await readiness.report();
      return reply
        .code(report.status === 'ready' ? 200 : 503)
        .header('cache-control', 'no-store')
        .send(report);
    },
  );
}
