import type { FastifyInstance, RouteOptions } from 'fastify';

/**
 * Accepts JSON bodies only (anything else is 415, also text/plain, which Fastify parses by itself), and no body at
 * all where a client has nothing to say, even when it still sends a content type. `__proto__` and
 * `constructor.prototype` in a body are refused.
 */
export function acceptJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, body, done);
  });
  app.addHook('onRoute', emptyBodyIsEmptyObject);
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
