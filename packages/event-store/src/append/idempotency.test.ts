import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimFingerprintOf, deterministicId, fingerprintOf, parseReceipt, scopeOf } from './idempotency.ts';

const asking = (request: unknown, more: object = {}) => ({
  key: 'k',
  actor: 'ann',
  route: 'r',
  request,
  ...more,
});

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, shuffled(inner)] as const);
  return Object.fromEntries(entries.reverse());
}

describe('a fingerprint', () => {
  it('is the same whatever the order of members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (request) => {
        expect(fingerprintOf(asking(shuffled(request)))).toBe(fingerprintOf(asking(request)));
      }),
    );
  });

  it('differs with the request and the route, not with actor or key', () => {
    const base = fingerprintOf(asking({ by: 1 }));
    for (const other of [{ by: 2 }, { by: '1' }, { by: 1, more: null }, [], null])
      expect(fingerprintOf(asking(other))).not.toBe(base);
    expect(fingerprintOf(asking({ by: 1 }, { route: 'q' }))).not.toBe(base);
    expect(fingerprintOf(asking({ by: 1 }, { key: 'l', actor: 'bob' }))).toBe(base);
  });

  it('is short and free of blanks, since receipts are split at them', () => {
    expect(fingerprintOf(asking({ text: 'a b' }))).toMatch(/^[\w-]{22}$/);
  });
});

describe('what a key stands for in the whole log', () => {
  it('is the same whatever the order of members, the key and its time', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.nat(), (request, key, ttlS) => {
        const again = asking(shuffled(request), { key, ttlS });
        expect(claimFingerprintOf(again)).toBe(claimFingerprintOf(asking(request)));
      }),
    );
  });

  it('differs with the actor, the route and the request', () => {
    const others = [
      asking({ by: 1 }),
      asking({ by: 1 }, { actor: 'bob' }),
      asking({ by: 1 }, { route: 'q' }),
      asking({ by: 1 }, { actor: 'annr', route: '' }),
      asking({ by: 2 }),
      asking({ by: 1, orderId: 'a' }),
      asking(undefined),
    ].map(claimFingerprintOf);
    expect(new Set(others).size).toBe(others.length);
  });
});

describe('an idempotency key', () => {
  it('belongs to an actor and a route', () => {
    expect(scopeOf(asking({}))).toEqual(['ann', 'r', 'k']);
  });

  it('leaves a receipt that reads back', () => {
    expect(parseReceipt('abc 12 3 1732150000000-4')).toEqual({
      fingerprint: 'abc',
      version: 12,
      count: 3,
      firstEntryId: '1732150000000-4',
    });
  });
});

describe('a deterministic id', () => {
  it('is a version-5 UUID, the same for the same parts and only for them', () => {
    expect(deterministicId('a', 'b')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(deterministicId('a', 'b')).toBe(deterministicId('a', 'b'));
    expect(deterministicId('a', 'b')).not.toBe(deterministicId('ab'));
    expect(deterministicId('a', 'b')).not.toBe(deterministicId('b', 'a'));
    expect(deterministicId('a;1:b')).not.toBe(deterministicId('a', 'b'));
  });
});
