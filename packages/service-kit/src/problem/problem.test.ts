import { describe, expect, it } from 'vitest';
import { appForTests } from '../../test/app-for-tests.ts';
import { mapByCode } from './map-by-code.ts';
import { notFound, type Problem } from './problem.ts';

const coded = (code: string, fields: object = {}, message = 'internal words') =>
  Object.assign(new Error(message), { code, ...fields });

async function answerTo(
  error: unknown,
  options: Parameters<typeof appForTests>[0] = {},
  headers: Record<string, string> = {},
) {
  const { app, log } = await appForTests(options);
  app.get('/fails', () => {
    throw error;
  });
  const response = await app.inject({ url: '/fails?token=abc', headers });
  return { response, problem: response.json<Problem>(), log: log.join('') };
}

describe('known errors', () => {
  it.each([
    ['INVALID_STREAM_NAME', 400],
    ['INVALID_POSITION', 400],
    ['STREAM_NOT_FOUND', 404],
    ['VERSION_BEYOND_END', 404],
    ['WRONG_EXPECTED_VERSION', 409],
    ['CONTRADICTS_HISTORY', 409],
    ['INVALID_APPEND', 400],
    ['APPEND_TOO_LARGE', 413],
    ['IDEMPOTENCY_KEY_REUSED', 422],
    ['CATEGORY_MISMATCH', 422],
    ['STORE_UNAVAILABLE', 503],
    ['STORE_OUT_OF_MEMORY', 503],
    ['APPEND_OUTCOME_UNKNOWN', 503],
    ['DURABILITY_NOT_REACHED', 503],
    ['CLOCK_AHEAD', 503],
    ['DURABILITY_NOT_GIVEN', 503],
    ['LOG_MISMATCH', 503],
    ['UNREADABLE_EVENT', 500],
    ['INDEX_BROKEN', 500],
    ['PARTITION_HELD', 503],
    ['STREAM_BUSY', 503],
    ['LOG_CHANGED', 503],
    ['LOG_DISPUTED', 503],
  ])('%s is %i', async (code, status) => {
    const { response, problem } = await answerTo(coded(code));
    expect(response.statusCode).toBe(status);
    expect(problem).toMatchObject({
      status,
      type: `/problems/${code.toLowerCase().replaceAll('_', '-')}`,
      instance: '/fails',
    });
    expect(response.headers['retry-after'] !== undefined).toBe(status === 503);
    if (status >= 500) expect(response.body).not.toContain('internal words');
  });

  it('a version conflict tells expected and actual, and is 412 for If-Match', async () => {
    const error = coded('WRONG_EXPECTED_VERSION', { stream: 'order:1', expected: 2, actual: 3, secret: 'x' });
    const pinned = await answerTo(error, {}, { 'if-match': '"2"' });
    expect(pinned.problem).toMatchObject({ status: 412, stream: 'order:1', expected: 2, actual: 3 });
    expect(pinned.problem).not.toHaveProperty('secret');
  });

  it.each([
    [coded('CONTRACT_VIOLATION', { issues: [] }), 422, '/problems/import-failed'],
    [new SyntaxError('Unexpected token'), 422, '/problems/import-failed'],
    [coded('STORE_OUT_OF_MEMORY'), 503, '/problems/store-out-of-memory'],
    [coded('ECONNRESET'), 503, '/problems/dependency-unavailable'],
  ])('an import stopped by %s is %i', async (cause, status, type) => {
    const { problem, response } = await answerTo(coded('IMPORT_FAILED', { line: 7, cause }));
    expect(problem).toMatchObject(status === 422 ? { status, type, line: 7 } : { status, type });
    expect(response.body).not.toContain('internal words');
  });

  it('a contract violation lists its issues', async () => {
    const { problem } = await answerTo(
      coded('CONTRACT_VIOLATION', { issues: [{ path: 'amount', message: 'required' }] }),
    );
    expect(problem).toMatchObject({ status: 400, errors: [{ path: 'amount', message: 'required' }] });
  });

  it.each([
    coded('ECONNREFUSED'),
    coded('57P01'),
    coded('08006'),
    coded('53300'),
    coded('57P03'),
    // password, log-in, privilege, database, schema, table: a server that is not as it should be
    coded('28P01'),
    coded('28000'),
    coded('42501'),
    coded('3D000'),
    coded('3F000'),
    coded('42P01'),
    Object.assign(new Error('LOADING Redis is loading the dataset in memory'), { name: 'ReplyError' }),
    new Error('wrapped', { cause: coded('STORE_UNAVAILABLE') }),
    new Error('Command timed out'),
    new Error('timeout exceeded when trying to connect'),
    new Error('Connection terminated unexpectedly'),
    new Error('query failed', { cause: coded('ECONNRESET') }),
  ])('a lost database (%s) is 503', async (error) => {
    const { response, problem } = await answerTo(error);
    expect(problem).toMatchObject({ status: 503, type: '/problems/dependency-unavailable' });
    expect(response.headers['retry-after']).toBe('1');
  });
});

describe('unknown errors', () => {
  it.each([
    new Error('password of db is hunter2'),
    coded('23505', {}, 'hunter2'),
    coded('constructor', {}, 'hunter2'),
    { statusCode: 500, message: 'hunter2' },
    null,
    'hunter2',
  ])('%s tells the client nothing, and the log everything', async (error) => {
    const { response, problem, log } = await answerTo(error);
    expect(response.statusCode).toBe(500);
    expect(problem.type).toBe('/problems/internal-error');
    expect(response.body).not.toContain('hunter2');
    expect(log).toContain(`"correlationId":"${problem.correlationId}"`);
    if (error instanceof Error) expect(log).toContain(error.message);
  });

  it('keeps the status, not the message, of a client error from a plugin', async () => {
    const { response, problem } = await answerTo(
      Object.assign(new Error('inner words'), { statusCode: 418 }),
    );
    expect(problem.status).toBe(418);
    expect(response.body).not.toContain('inner words');
  });
});

describe('a service', () => {
  it('maps its own codes first, and adds members of its own', async () => {
    const mapper = mapByCode({
      INSUFFICIENT_FUNDS: { status: 409, title: 'Insufficient funds', fields: ['balance'] },
    });
    const { problem } = await answerTo(coded('INSUFFICIENT_FUNDS', { balance: 3 }, 'balance is 3'), {
      problemMappers: [mapper],
      decorateProblem: (plain) => ({ ...plain, success: false, error: plain.detail ?? plain.title }),
    });
    expect(problem).toMatchObject({
      status: 409,
      type: '/problems/insufficient-funds',
      balance: 3,
      success: false,
      error: 'balance is 3',
    });
  });

  it('throws ready problems', async () => {
    const { problem } = await answerTo(notFound('No such order.', { orderId: 'o1' }));
    expect(problem).toMatchObject({ status: 404, detail: 'No such order.', orderId: 'o1' });
  });
});
