import type { Socket } from 'node:net';
import type { HttpApp } from './http-app.ts';

/** Requests of one connection that are answered at once; those behind them wait. */
const AT_ONCE = 4;
/** Requests that may wait; a connection that has more in hand is ended. */
const MAX_WAITING = 200;

/** A connection's requests that are being answered, and those that wait. */
interface Pipeline {
  answering: number;
  readonly waiting: (() => void)[];
}

/**
 * A client may send requests without waiting for answers (HTTP/1.1 pipelining), and need not read them: each answer
 * would be made and kept, a megabyte for a request of a hundred bytes. So a request begins only once the answers to
 * those some places before it have left for the network. Clients that wait for each answer notice nothing.
 */
export function boundPipelining(app: HttpApp): void {
  const pipelines = new WeakMap<Socket, Pipeline>();

  app.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw;
    const pipeline = pipelines.get(socket) ?? { answering: 0, waiting: [] };
    pipelines.set(socket, pipeline);
    const begin = (): void => {
      pipeline.answering += 1;
      // once its last byte is with the operating system, or the connection is gone
      reply.raw.once('close', () => {
        pipeline.answering -= 1;
        if (!socket.destroyed) pipeline.waiting.shift()?.();
      });
      done();
    };
    if (pipeline.answering < AT_ONCE) begin();
    else if (pipeline.waiting.push(begin) > MAX_WAITING) socket.destroy();
  });
}
