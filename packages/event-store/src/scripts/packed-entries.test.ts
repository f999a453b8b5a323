import { describe, expect, it } from 'vitest';
import { type RawEntry, unpackEntries } from './packed-entries.ts';

const fields = {
  stream: 'counter:1',
  version: '3',
  type: 'CounterAdded',
  schema: '1',
  data: '{}',
  meta: '{}',
};

describe('unpacking a reply', () => {
  const line = (id: string): string => [id, ...Object.values(fields)].join('\x1f');
  const whole = (id: string): RawEntry => [id, ['by', 'hand']];

  it('gives each line the fields that it stands for', () => {
    expect(unpackEntries([line('5-0'), line('5-1')].join('\x1e'), [])).toEqual([
      ['5-0', Object.entries(fields).flat()],
      ['5-1', Object.entries(fields).flat()],
    ]);
  });

  it('puts entries that came whole in their places', () => {
    const packed = ['', line('5-1'), '', line('5-3')].join('\x1e');
    const entries = unpackEntries(packed, [whole('5-0'), whole('5-2')]);
    expect(entries.map(([id]) => id)).toEqual(['5-0', '5-1', '5-2', '5-3']);
    expect(unpackEntries('\x1e', [whole('5-0'), whole('5-1')]).map(([id]) => id)).toEqual(['5-0', '5-1']);
    expect(unpackEntries('', [whole('5-0')])).toEqual([whole('5-0')]);
    expect(unpackEntries('', [])).toEqual([]);
  });
});
