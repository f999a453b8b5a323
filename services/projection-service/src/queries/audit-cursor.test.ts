import { describe, expect, it } from 'vitest';
import { decodePlace, encodePlace, placeAfter, startOfAudit } from './audit-cursor.ts';

const ms = 1_732_150_000_000;

describe('the cursor of the audit log', () => {
  it('comes back as it was, whatever some partitions have not begun', () => {
    const place = [
      { ms, seq: 0 },
      { ms: 0, seq: 0 },
      { ms: ms + 999_999, seq: 35 },
      { ms, seq: 1 },
    ];
    expect(decodePlace(encodePlace(place), 4)).toEqual(place);
    expect(decodePlace(encodePlace(startOfAudit(8)), 8)).toEqual(startOfAudit(8));
  });

  it('moves only the partitions that gave rows, each to its last one', () => {
    const rows = [
      { partition: 2, ms, seq: 1 },
      { partition: 0, ms, seq: 2 },
      { partition: 2, ms: ms + 5, seq: 0 },
    ];
    expect(placeAfter(startOfAudit(3), rows)).toEqual([
      { ms, seq: 2 },
      { ms: 0, seq: 0 },
      { ms: ms + 5, seq: 0 },
    ]);
  });

  it('fits into a URL for the largest log', () => {
    const place = Array.from({ length: 1_024 }, (_, i) => ({ ms: ms + i * 86_400_000, seq: i % 40 }));
    const cursor = encodePlace(place);
    expect(cursor.length).toBeLessThan(14_000);
    expect(decodePlace(cursor, 1_024)).toEqual(place);
    expect(new URLSearchParams({ cursor }).toString()).toBe(`cursor=${cursor}`);
  });

  it.each(['', 'x', '0_', '0_....', '0_a.b.!', '0__..', 'zzzzzzzzzzz_..', '0_-1..', '0_a-.b.'])(
    'refuses %j',
    (cursor) => {
      expect(decodePlace(cursor, 3)).toBeUndefined();
    },
  );
});
