import { describe, expect, it } from 'vitest';
import { FencedError, PoisonError, TransientError } from '../errors.ts';
import { describe as describeFailure, kindOf } from './failure-kind.ts';

function failing(fields: object, message = 'it failed'): Error {
  return Object.assign(new Error(message), fields);
}

describe('kindOf', () => {
  it.each([
    ['a lost lease', new FencedError('committing'), 'fenced'],
    ['what a handler calls transient', new TransientError('the bank is closed'), 'transient'],
    ['a refused connection', failing({ code: 'ECONNREFUSED' }), 'transient'],
    ['a deadlock', failing({ code: '40P01' }), 'transient'],
    ['a failed serialisation', failing({ code: '40001' }), 'transient'],
    ['a statement that took too long', failing({ code: '57014' }), 'transient'],
    ['a server that shuts down', failing({ code: '57P01' }), 'transient'],
    ['too many connections', failing({ code: '53300' }), 'transient'],
    ['a database password that was changed', failing({ code: '28P01' }), 'transient'],
    ['a role that may not log in', failing({ code: '28000' }), 'transient'],
    ['a privilege that was revoked', failing({ code: '42501' }), 'transient'],
    ['a database that is gone', failing({ code: '3D000' }), 'transient'],
    ['a schema that is gone', failing({ code: '3F000' }), 'transient'],
    ['a table that is gone', failing({ code: '42P01' }), 'transient'],
    [
      'a Redis password that was changed',
      failing({}, 'WRONGPASS invalid username-password pair'),
      'transient',
    ],
    [
      'a Redis user without the right',
      failing({}, "NOPERM this user has no permissions to run 'xack'"),
      'transient',
    ],
    ['Redis loading its data', failing({}, 'LOADING Redis is loading the dataset in memory'), 'transient'],
    ['a replica', failing({}, "READONLY You can't write against a read only replica."), 'transient'],
    ['an unavailable store', failing({ code: 'STORE_UNAVAILABLE' }), 'transient'],
    ['another log than the one that is known', failing({ code: 'LOG_CHANGED' }), 'transient'],
    ['a log that others do not know', failing({ code: 'LOG_DISPUTED' }), 'transient'],
    ['a wrapped one', new Error('saving', { cause: failing({ code: 'ECONNRESET' }) }), 'transient'],
    [
      'a stream with an event of a newer version',
      failing({ code: 'UNREADABLE_EVENT', reason: 'unknown-version' }),
      'transient',
    ],
    ['a stream with a broken event', failing({ code: 'UNREADABLE_EVENT', reason: 'malformed' }), 'poison'],
    ['a violated constraint', failing({ code: '23505' }), 'poison'],
    ['what a handler calls poison', new PoisonError('no such mailbox'), 'poison'],
    ['a bug', new TypeError('undefined is not a function'), 'poison'],
    ['something that is no error', 'oh no', 'poison'],
  ])('%s', (_, error, kind) => {
    expect(kindOf(error)).toBe(kind);
  });

  it('ends on causes that go round in circles', () => {
    const error = new Error('a');
    error.cause = error;
    expect(kindOf(error)).toBe('poison');
  });
});

describe('the description for operators', () => {
  it('names the error, is bounded, and has no stack', () => {
    expect(describeFailure(new RangeError('too long'))).toBe('RangeError: too long');
    expect(describeFailure(new Error('x'.repeat(5_000)))).toHaveLength(1_000);
  });
});
