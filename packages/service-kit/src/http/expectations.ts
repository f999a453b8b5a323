import type { FastifyInstance } from 'fastify';
import { ProblemError, problem } from '../problem/problem.ts';

/** The one that RFC 9110, 10.1.1 has; Node answers it with `100 Continue` by itself. */
const CONTINUE = /(?:^|\W)100-continue(?:$|\W)/i;

/** Answers every other expectation with a problem (417), in the place of Node, which sends a status alone. */
export function refuseExpectations(app: FastifyInstance): void {
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.addHook('onRequest', ({ headers }, _reply, done) => {
    const { expect } = headers;
    done(expect === undefined || CONTINUE.test(expect) ? undefined : refused());
  });
}

function refused(): ProblemError {
  const detail = 'Nothing but 100-continue can be expected of this service: leave Expect out.';
  return new ProblemError(problem(417, 'expectation-failed', 'Expectation failed', { detail }));
}
