import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Acknowledgements } from './acknowledgements.ts';

describe('acknowledgements', () => {
  it('of one moment go together', async () => {
    const calls: (readonly string[])[] = [];
    const acknowledgements = new Acknowledgements(async (entryIds) => void calls.push(entryIds));
    for (const entryId of ['1-0', '2-0', '3-0']) acknowledgements.add(entryId);
    await acknowledgements.flush();
    expect(calls).toEqual([['1-0', '2-0', '3-0']]);
  });

  it.each(Array.from({ length: 12 }, (_, turns) => turns))(
    'forget none that is added %i turns after another call was answered',
    async (turns) => {
      const acknowledged: string[] = [];
      const acknowledgements = new Acknowledgements(async (entryIds) => {
        acknowledged.push(...entryIds);
        if (entryIds.includes('1-0')) void addAfter(turns);
      });
      const addAfter = async (left: number): Promise<void> => {
        for (let turn = 0; turn < left; turn += 1) await undefined;
        acknowledgements.add('2-0');
      };
      acknowledgements.add('1-0');
      for (let turn = 0; turn < 5; turn += 1) await setImmediate();
      expect(acknowledged).toEqual(['1-0', '2-0']);
    },
  );

  it('that have failed are told with the next look, and nothing more is acknowledged', async () => {
    let calls = 0;
    const acknowledgements = new Acknowledgements(async () => {
      calls += 1;
      throw new Error('the connection is lost');
    });
    acknowledgements.requireNoFailure();
    acknowledgements.add('1-0');
    await expect(acknowledgements.flush()).rejects.toThrow('the connection is lost');
    expect(() => acknowledgements.requireNoFailure()).toThrow('the connection is lost');
    expect(() => acknowledgements.add('2-0')).toThrow('the connection is lost');
    expect(calls).toBe(1);
  });
});
