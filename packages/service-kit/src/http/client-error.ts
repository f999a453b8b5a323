import type { Socket } from 'node:net';
import { PROBLEM_MEDIA_TYPE } from '../problem/error-handler.ts';
import { type Problem, problem } from '../problem/problem.ts';

const HEADERS_TOO_LARGE = problem(431, 'headers-too-large', 'Request headers too large');
const TIMED_OUT = problem(408, 'request-timeout', 'The request did not arrive in time');
const NOT_HTTP = problem(400, 'malformed-request', 'Malformed request');

/** Answers what Node could not even parse as a request, in the form of every other error, and hangs up. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) socket.write(rawResponse(problemOf(error.code)));
  socket.destroy(error);
}

function problemOf(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') return HEADERS_TOO_LARGE;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? TIMED_OUT : NOT_HTTP;
}

function rawResponse(answer: Problem): string {
  const body = JSON.stringify(answer);
  return [
    `HTTP/1.1 ${answer.status} ${answer.title}`,
    `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
