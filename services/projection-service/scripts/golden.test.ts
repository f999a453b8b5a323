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
    expect(current['orders']?.fields).toEqual(['created_at', 'state', 'status', 'stream', 'user_id']);
    for (const { histories } of Object.values(current)) {
      const states = Object.values(histories).map((history) => history.states);
      expect(new Set(states).size).toBeGreaterThan(1);
    }
  });
});
