import { describe, expect, it } from 'vitest';
import { serverMajorVersion } from './redis-program.ts';

describe('serverMajorVersion', () => {
  it.each([
    ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=d', 7],
    ['Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1', 8],
    ['', undefined],
  ])('reads "%s"', (line, major) => {
    expect(serverMajorVersion(line)).toBe(major);
  });
});
