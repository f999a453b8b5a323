import type { IncomingHttpHeaders } from 'node:http';
import { jsonFault } from '@headrace/event-schema';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { ProblemError, problem } from '../problem/problem.ts';

/**
 * Accepts JSON bodies only (anything else is 415, also text/plain, which Fastify parses by itself), and no body at
 * all where a client has nothing to say, even when it still sends a content type. `__proto__` and
 * `constructor.prototype` in a body are refused, and so is what would be kept otherwise than it was sent (422).
 */
export function acceptJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0) return done(null, undefined);
    const text = utf8(body);
    if (text === undefined) return done(notExact('', 'is not UTF-8'));
    return parse(request, text, (error, parsed) => {
      const fault = error === null ? jsonFault(text) : undefined;
      done(fault === undefined ? error : notExact(fault.path, fault.message), parsed);
    });
  });
  app.addHook('onRoute', emptyBodyIsEmptyObject);
}

/** Whether a body comes after these headers, even if it has not come yet. */
export function announcesBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function utf8(bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function notExact(path: string, message: string): ProblemError {
  const title = 'The JSON holds what cannot be kept as it was sent';
  return new ProblemError(problem(422, 'json-not-exact', title, { errors: [{ path, message, in: 'body' }] }));
}

/** Lets the route's own schema decide whether a missing body is enough, and name the fields it lacks. */
function emptyBodyIsEmptyObject(route: RouteOptions): void {
  if (route.schema?.body === undefined) return;
  const earlier = route.preValidation ?? [];
  route.preValidation = [
    (request, _reply, done) => {
      if (request.body === undefined) request.body = {};
      done();
    },
    ...(Array.isArray(earlier) ? earlier : [earlier]),
  ];
}
