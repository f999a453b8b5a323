import { messageOf } from '../command-line.ts';

/** Nothing answers at the URL of a service. */
export class NotRunningError extends Error {
  readonly code = 'NOT_RUNNING';
  readonly url: string;

  constructor(url: string, cause: unknown) {
    super(`Nothing answers at ${url} (${reasonOf(cause)}).`, { cause });
    this.name = 'NotRunningError';
    this.url = url;
  }
}

/** A service answered, but not what the demo needs. */
export class UnexpectedAnswerError extends Error {
  readonly code = 'UNEXPECTED_ANSWER';
  readonly status: number;

  constructor(request: string, status: number, body: string) {
    super(`${request} was answered with ${status}: ${body.slice(0, 500)}`);
    this.name = 'UnexpectedAnswerError';
    this.status = status;
  }
}

/** JSON over HTTP; any other answer than a success is an error. */
export interface Http {
  get(url: string): Promise<unknown>;
  post(url: string, body: object): Promise<unknown>;
  delete(url: string): Promise<unknown>;
}

/** Longer than the longest `wait_for`. */
const timeoutMs = 40_000;

/** @throws NotRunningError, UnexpectedAnswerError */
export const http: Http = {
  get: (url) => send('GET', url),
  post: (url, body) => send('POST', url, body),
  delete: (url) => send('DELETE', url),
};

async function send(method: string, url: string, body?: object): Promise<unknown> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(timeoutMs),
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  }).catch((error: unknown) => {
    throw new NotRunningError(new URL(url).origin, error);
  });
  const text = await response.text();
  if (!response.ok) throw new UnexpectedAnswerError(`${method} ${url}`, response.status, text);
  return JSON.parse(text);
}

/** The error of fetch is only "fetch failed"; its cause has the reason. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string'
    ? cause.code
    : messageOf(cause);
}
