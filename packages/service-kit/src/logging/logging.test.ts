import { describe, expect, it } from 'vitest';
import { createLogger } from './create-logger.ts';
import { scrubLine } from './scrub.ts';

function capture(log: (logger: ReturnType<typeof createLogger>) => void, level = 'info') {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  log(createLogger({ service: 'order-api', instance: 'i-1', level, destination }));
  return lines;
}

describe('createLogger', () => {
  it('writes one JSON object a line with service, instance and level in words', () => {
    const [line] = capture((logger) => logger.info({ stream: 'order:1' }, 'appended'));
    expect(JSON.parse(line ?? '')).toMatchObject({
      level: 'info',
      service: 'order-api',
      instance: 'i-1',
      stream: 'order:1',
      msg: 'appended',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
  });

  it('masks secrets and mail addresses at any depth and inside messages', () => {
    const [line] = capture((logger) =>
      logger.error(
        {
          request: { headers: { authorization: 'Bearer abc"def', cookie: 'sid=1', 'set-cookie': ['sid=2'] } },
          data: { customer: { email: 'ann@example.com' } },
          err: new Error('cannot reach redis://app:p@ss@10.0.0.1:6379/0 for bob.b@mail.example.org'),
        },
        'Key (email)=(carl@example.co.uk) exists',
      ),
    );
    for (const secret of ['abc', 'sid=', 'ann@', 'p@ss', 'app:', 'bob.b', 'carl']) {
      expect(line).not.toContain(secret);
    }
    expect(line).toContain('10.0.0.1:6379');
    expect(() => JSON.parse(line ?? '')).not.toThrow();
  });

  it('keeps cause and code of an error, but not the command that a driver attaches', () => {
    const cause = Object.assign(new Error('refused'), {
      code: 'ECONNREFUSED',
      command: { args: ['private'] },
    });
    const [line] = capture((logger) =>
      logger.error({ err: new Error('append failed', { cause }) }, 'failed'),
    );
    expect(JSON.parse(line ?? '').err).toMatchObject({
      message: 'append failed',
      cause: { message: 'refused', code: 'ECONNREFUSED' },
    });
    expect(line).not.toContain('private');
  });
});

describe('scrubLine', () => {
  it('leaves versions in stack traces alone', () => {
    const line = 'at /app/node_modules/.pnpm/fastify@5.12.8/node_modules/fastify/lib/reply.js:1';
    expect(scrubLine(line)).toBe(line);
  });

  it('leaves the rest of a path alone', () => {
    const path = '/api/events/user:ada%2Blist%40example.com/1%20and%40/more';
    expect(scrubLine(path)).toBe('/api/events/user:[redacted]/1%20and%40/more');
  });

  it('takes linear time on long lines', () => {
    const started = performance.now();
    scrubLine(`${'a'.repeat(200_000)}@${'b.'.repeat(100_000)}`);
    scrubLine(`${'a'.repeat(200_000)}${'%40'.repeat(50_000)}${'b.'.repeat(100_000)}`);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
