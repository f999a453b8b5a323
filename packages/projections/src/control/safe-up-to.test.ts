import { describe, expect, it } from 'vitest';
import { safeMs } from './safe-up-to.ts';

const end = (lastEntryId: string | null, atMs = 1_000) => ({ partition: 2, lastEntryId, atMs });

describe('the time up to which nothing is missing', () => {
  it.each<[string, ReturnType<typeof end>, string | null, number]>([
    ['an empty partition: now', end(null), null, 1_000],
    ['nothing done: nothing', end('700-0'), null, 0],
    ['behind: before the checkpoint’s own ms', end('700-5'), '2-600-3', 600],
    ['behind within one ms', end('700-5'), '2-700-4', 700],
    ['at the end: now', end('700-5'), '2-700-5', 1_000],
    ['beyond the end that was read', end('700-5'), '2-701-0', 1_000],
    ['at the end of a log ahead of its clock: the end', end('1200-0'), '2-1200-0', 1_200],
  ])('%s', (_, logEnd, checkpoint, expected) => {
    expect(safeMs(logEnd, checkpoint)).toBe(expected);
  });
});
