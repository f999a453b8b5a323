import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { announcesBody } from './body.ts';

/** Much larger than what is sent by mistake; reading and forgetting it costs little. */
const MAX_REST_BYTES = 16 * 1024 ** 2;
const MAX_REST_MS = 2_000;

/**
 * Reads on when a request is answered before its body is there, such as one that is too large: a connection that is
 * closed with something unread is reset, and then clients that send first and read later never see the answer. Where
 * the client asks to close the connection behind the answer, the answer waits for the rest, two seconds at most. What
 * comes beyond 16 MiB, or takes longer than any request may, does end the connection.
 */
export function readRestOfBodies(app: FastifyInstance): void {
  app.addHook('onSend', ({ raw }, reply, payload, done) => {
    if (raw.complete || !announcesBody(raw.headers)) return done(null, payload);
    const answer = () => done(null, payload);
    if (reply.raw.shouldKeepAlive) {
      // Fastify's `close`, for errors in bodies
      reply.removeHeader('connection');
      forgetRest(raw, () => raw.socket.destroySoon());
      answer();
    } else {
      onceRead(raw, answer);
    }
  });
}

/** Calls `onTooMuch` once when more has come than is worth reading. */
function forgetRest(raw: IncomingMessage, onTooMuch: () => void): void {
  let bytes = 0;
  const forget = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_REST_BYTES) return;
    raw.off('data', forget);
    onTooMuch();
  };
  raw.on('data', forget);
}

function onceRead(raw: IncomingMessage, answer: () => void): void {
  const events = ['end', 'error', 'close'] as const;
  const settle = () => {
    clearTimeout(timer);
    for (const event of events) raw.off(event, settle);
    answer();
  };
  const timer = setTimeout(settle, MAX_REST_MS);
  for (const event of events) raw.once(event, settle);
  forgetRest(raw, settle);
}
