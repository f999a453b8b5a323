import { mapByCode, type ProblemMapper, problem } from '@headrace/service-kit';
import { InvalidRangeError } from './queries/range.ts';

/** What PostgreSQL says of queries that are sound, by SQLSTATE. */
const byCode = mapByCode({
  '42P01': {
    status: 503,
    slug: 'starting',
    title: 'Service unavailable',
    detail: 'The tables are not there yet: the service is starting.',
    retryAfterSeconds: 1,
  },
  '57014': {
    status: 503,
    slug: 'query-too-long',
    title: 'Query took too long',
    detail: 'The numbers could not be added up in time; ask for a shorter range.',
    retryAfterSeconds: 10,
  },
});

/** Maps what queries cannot answer. */
export const analyticsProblems: ProblemMapper = (error, context) => {
  if (!(error instanceof InvalidRangeError)) return byCode(error, context);
  return problem(400, 'invalid-request', 'The request is not valid', {
    errors: [{ in: 'query', path: error.parameter, message: error.message }],
  });
};
