import { describe, expect, it } from 'vitest';
import { prefersAsync } from './prefer.ts';

describe('Prefer', () => {
  it.each([
    'respond-async',
    'Respond-Async',
    'wait=10, respond-async',
    'respond-async; x=1, handling=lenient',
    ['handling=lenient', 'respond-async'],
  ])('%s asks for an answer at once', (prefer) => {
    expect(prefersAsync({ headers: { prefer } })).toBe(true);
  });

  it.each([undefined, '', 'wait=10', 'return=minimal', 'not-respond-async', 'x=respond-async'])(
    '%s does not',
    (prefer) => {
      expect(prefersAsync({ headers: prefer === undefined ? {} : { prefer } })).toBe(false);
    },
  );
});
