import { compareEvolution } from '@headrace/event-schema';
import { describe, expect, it } from 'vitest';
import { currentProjections, lockedProjections } from './golden.ts';

const current = currentProjections();

describe('the projections', () => {
  it.each(Object.entries(current))('%s makes of the histories what it made before', (name, projection) => {
    expect(compareEvolution(name, lockedProjections()[name], projection)).toEqual([]);
  });

  it('are locked as they are; if not, run the script "lock"', () => {
    expect(lockedProjections()).toEqual(current);
  });

  it('have rows of all histories, so that a change shows', () => {
    expect(current['orders']?.fields).toEqual(
      expect.arrayContaining(['state.refundedAmount.minor', 'status']),
    );
    for (const { fields } of Object.values(current)) expect(fields.length).toBeGreaterThan(2);
  });
});
