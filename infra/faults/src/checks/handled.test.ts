import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkHandled, type Times } from './handled.ts';

const wanted = ['a', 'b'].flatMap((stream) =>
  [1, 2, 3].map((version) => ({ id: `${stream}${version}`, stream, version })),
);
const check = (ids: readonly string[], times: Times): readonly string[] =>
  checkHandled(
    'it',
    wanted,
    ids.map((eventId) => ({ eventId })),
    times,
  );

describe('handling', () => {
  it('is sound when every event came once, streams side by side', () => {
    expect(check(['a1', 'b1', 'a2', 'b2', 'b3', 'a3'], 'once')).toEqual([]);
  });

  it('is not when an event is lost, twice, out of order or not wanted', () => {
    expect(check(['a1', 'a2', 'b1', 'b2', 'b3'], 'once')).toEqual(['it never handled a3, version 3 of a']);
    expect(check(['a1', 'a1', 'a2', 'a3', 'b1', 'b2', 'b3'], 'once')).toEqual(['it handled a1 2 times']);
    expect(check(['a2', 'a1', 'a3', 'b1', 'b2', 'b3'], 'once')).toEqual([
      'it handled version 1 of a after version 2',
    ]);
    expect(check(['x', 'a1', 'a2', 'a3', 'b1', 'b2', 'b3'], 'again')).toEqual([
      'it handled x, which it was not to handle',
    ]);
  });

  it('may come again, also after what follows, where that is allowed', () => {
    expect(check(['a1', 'a2', 'a1', 'a2', 'a3', 'b1', 'b2', 'b3'], 'again')).toEqual([]);
    expect(check(['a2', 'a1', 'a2', 'a3', 'b1', 'b2', 'b3'], 'again')).toHaveLength(1);
  });

  it('is sound for any interleaving of the streams, and for no other order of one', () => {
    const ids = wanted.map(({ id }) => id);
    fc.assert(
      fc.property(fc.shuffledSubarray(ids, { minLength: ids.length }), (order) => {
        const inOrder = (stream: string): boolean => {
          const own = order.filter((id) => id.startsWith(stream));
          return own.join() === own.toSorted().join();
        };
        expect(check(order, 'once').length === 0).toBe(inOrder('a') && inOrder('b'));
      }),
    );
  });
});
