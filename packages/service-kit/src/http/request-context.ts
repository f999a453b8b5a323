import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { InvalidRequestError, type ProblemIssue } from '../problem/problem.ts';

const CORRELATION_ID = /^[A-Za-z0-9._:~+/=-]{1,128}$/;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;
const ACTOR = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;
// https://www.w3.org/TR/trace-context/: version ff and all-zero ids are invalid.
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** What of a request goes into the meta of the events it causes. */
export interface RequestContext {
  /** `X-Correlation-Id` of the caller, or a new UUID; also the id of the request in the log. */
  readonly correlationId: string;
  /** The caller's stated id (`X-Actor`); nobody has checked it. */
  readonly actor?: string;
  /** W3C trace context; one that is not valid is left out, as that standard asks. */
  readonly traceparent?: string;
  readonly idempotencyKey?: string;
  readonly ip: string;
}

/** The parts of a Fastify request that this module needs, so that a request of any route type fits. */
export interface RequestLike {
  readonly id: string;
  readonly ip: string;
  readonly headers: IncomingHttpHeaders;
}

/** Reads the context; cheap enough for every request. Its headers were checked when the request came in. */
export function requestContext(request: RequestLike): RequestContext {
  const { headers } = request;
  const actor = single(headers['x-actor']);
  const traceparent = single(headers['traceparent']);
  const idempotencyKey = single(headers['idempotency-key']);
  return {
    correlationId: request.id,
    ip: request.ip,
    ...(actor ? { actor } : {}),
    ...(traceparent !== undefined && TRACEPARENT.test(traceparent) ? { traceparent } : {}),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}

/** The caller's correlation id when it is 1 to 128 safe characters, else a new UUID; never an error. */
export function correlationIdOf(raw: IncomingMessage): string {
  const given = single(raw.headers['x-correlation-id']);
  return given !== undefined && CORRELATION_ID.test(given) ? given : randomUUID();
}

/** The problem with headers that would end up in events or keys, if there is one. */
export function headerProblem(headers: IncomingHttpHeaders): InvalidRequestError | undefined {
  const key = headers['idempotency-key'];
  const actor = headers['x-actor'];
  if (key === undefined && actor === undefined) return undefined;
  const issues: ProblemIssue[] = [];
  if (key !== undefined && !IDEMPOTENCY_KEY.test(String(key))) {
    issues.push({
      in: 'headers',
      path: 'Idempotency-Key',
      message: 'must be 1 to 255 visible ASCII characters',
    });
  }
  if (actor !== undefined && actor !== '' && !ACTOR.test(String(actor))) {
    issues.push({ in: 'headers', path: 'X-Actor', message: 'must be 1 to 255 printable ASCII characters' });
  }
  return issues.length === 0 ? undefined : new InvalidRequestError(issues);
}

/** Node joins repeated custom headers with a comma; a list can only come from code that injects requests. */
function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
