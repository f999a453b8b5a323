import { describe, expect, it } from 'vitest';
import {
  assertStreamName,
  canonicalId,
  categoryOfStream,
  fitsIntoPath,
  InvalidStreamNameError,
  isStreamName,
  streamOf,
} from './stream-name.ts';

describe('stream names', () => {
  it('are 1 to 256 of the allowed characters', () => {
    expect(isStreamName('aZ09:_-./@~')).toBe(true);
    expect(isStreamName('x'.repeat(256))).toBe(true);
    for (const name of ['', 'x'.repeat(257), 'a b', 'a{1}', 'ä', 'a\n'])
      expect(isStreamName(name), name).toBe(false);
    expect(() => assertStreamName('a b')).toThrow(InvalidStreamNameError);
  });

  it.each([
    ['order:1', 'order'],
    ['user_123', 'user'],
    ['account-ACC-001', 'account'],
    ['alone', 'alone'],
  ])('%s belongs to category %s', (stream, category) => {
    expect(categoryOfStream(stream)).toBe(category);
  });

  it.each([
    ['user', 'user_123', 'user_123'],
    ['account', 'ACC-001', 'account:ACC-001'],
    ['order', 'orders-1', 'order:orders-1'],
    ['order', 'order:', 'order:order:'],
  ])('the stream of category %s and id %s is %s', (category, id, stream) => {
    expect(streamOf(category, id)).toBe(stream);
  });

  it.each([
    ['order', 'order:1', '1'],
    ['order', '1', '1'],
    ['user', 'user_123', 'user_123'],
    ['user', 'user:user_123', 'user:user_123'],
    ['order', 'account:1', 'account:1'],
    ['order', 'order:', 'order:'],
    ['order', 'order:order:', 'order:'],
  ])('of category %s and id %s the one id is %s, which leads to the same stream', (category, id, only) => {
    expect(canonicalId(category, id)).toBe(only);
    expect(streamOf(category, only)).toBe(streamOf(category, id));
  });

  it('cannot be put into a path as . and ..', () => {
    expect(['.', '..', '...', './', '~', 'a/../b'].filter(fitsIntoPath)).toEqual([
      '...',
      './',
      '~',
      'a/../b',
    ]);
  });
});
