import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError, problem } from '../problem/problem.ts';
import { announcesBody } from './body.ts';

/** Refuses bodies that are compressed (415), which would be called malformed JSON; an unknown path stays 404. */
export function refuseEncodedBodies(app: FastifyInstance): void {
  app.addHook('preParsing', (request, reply, payload, done) => {
    const encoding = encodingOf(request);
    if (encoding === undefined || request.is404) return done(null, payload);
    // RFC 9110, 15.5.16: so that a client can tell this from a media type that is not supported
    reply.header('accept-encoding', 'identity');
    const detail = `The body is encoded as ${encoding}. No content encoding is supported: send it as plain JSON.`;
    done(
      new ProblemError(
        problem(415, 'unsupported-content-encoding', 'Unsupported content encoding', {
          detail,
          supported: [],
        }),
      ),
    );
  });
}

function encodingOf({ headers }: FastifyRequest): string | undefined {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding === '' || encoding.toLowerCase() === 'identity') return undefined;
  return announcesBody(headers) ? encoding : undefined;
}
