import { describe, expect, it } from 'vitest';
import { SLICE_MS, Slices } from './slices.ts';

describe('slices of work', () => {
  it('end after their time, and begin anew once others had their turn', async () => {
    let now = 100;
    const slices = new Slices(() => now);
    now += SLICE_MS - 0.1;
    expect(slices.isOver).toBe(false);
    now += 0.1;
    expect(slices.isOver).toBe(true);
    let others = 0;
    setImmediate(() => {
      others += 1;
    });
    await slices.next();
    expect(others).toBe(1);
    expect(slices.isOver).toBe(false);
  });
});
