import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createFailureLog } from './failure-log.ts';

describe('the log of failures', () => {
  it('says the same thing once a minute, with the number of repeats, and another thing at once', () => {
    const lines: { msg: string; repeats?: number; err: { message: string } }[] = [];
    const logger = pino({}, { write: (line) => void lines.push(JSON.parse(line)) });
    let now = 0;
    const report = createFailureLog(logger, 'the connection was lost', () => now);
    for (let i = 0; i < 30; i += 1) report(new Error('refused'));
    report(new Error('reset'));
    now = 60_000;
    report(new Error('refused'));
    expect(lines.map(({ err, repeats }) => [err.message, repeats])).toEqual([
      ['refused', undefined],
      ['reset', undefined],
      ['refused', 29],
    ]);
    expect(lines[0]?.msg).toBe('the connection was lost');
  });
});
