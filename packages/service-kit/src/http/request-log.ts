import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import { pathOf, queryNamesOf } from './url-parts.ts';

/**
 * One line a request, when it is done: refused ones at info, answered ones at debug, because two lines for each
 * request cost more than the request itself and the metrics count them anyway. Failures of the server are logged
 * by the error responder.
 */
export class RequestLog extends LogController {
  readonly #logger: Logger;

  /** `logger` is the root of the requests' loggers; its level decides what is worth formatting. */
  constructor(logger: Logger) {
    super({ requestIdLogLabel: 'correlationId' });
    this.#logger = logger;
  }

  override incomingRequest(): void {}

  override routeNotFound(): void {}

  override requestCompleted(
    error: Error | null | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const level = error ? 'warn' : reply.statusCode >= 400 ? 'info' : 'debug';
    if (!this.#logger.isLevelEnabled(level)) return;
    const { method, url } = request;
    const query = queryNamesOf(url);
    const durationMs = Math.round(reply.elapsedTime * 10) / 10;
    request.log[level](
      {
        method,
        path: pathOf(url),
        ...(query === undefined ? {} : { query }),
        status: reply.statusCode,
        durationMs,
        ...(error ? { err: error } : {}),
      },
      'request',
    );
  }
}
