import { describe, expect, it } from 'vitest';
import type { UserEvent } from './contracts.ts';
import { type UserState, userFold } from './state.ts';

const userId = 'user_123';
const created: UserEvent = {
  type: 'UserCreated',
  data: { userId, name: 'Ada', email: 'ada@example.com', attributes: { plan: 'free', beta: true } },
};

function fold(...events: readonly UserEvent[]): UserState | null {
  return events.reduce<UserState | null>(
    (state, event, i) =>
      userFold.evolve(state, event, {
        id: `0-${i}-0`,
        version: i + 1,
        occurredAt: `2024-01-0${i + 1}T00:00:00.000Z`,
        recordedAt: '2024-01-01T00:00:00.000Z',
      }),
    userFold.initialState,
  );
}

describe('a user', () => {
  it('merges updates and attributes, and forgets what is null', () => {
    const updates = { name: 'Ada L.', attributes: { plan: 'pro', beta: null } };
    expect(fold(created, { type: 'UserUpdated', data: { userId, updates } })).toEqual({
      userId,
      name: 'Ada L.',
      email: 'ada@example.com',
      attributes: { plan: 'pro' },
      status: 'active',
      createdAt: '2024-01-01T00:00:00.000Z',
      lastUpdated: '2024-01-02T00:00:00.000Z',
      version: 2,
    });
  });

  it('keeps the very same attributes where an update names none', () => {
    const before = fold(created);
    const renamed: UserEvent = { type: 'UserUpdated', data: { userId, updates: { name: 'Ada L.' } } };
    const at = '2024-01-02T00:00:00.000Z';
    const after = userFold.evolve(before, renamed, { id: '', version: 2, occurredAt: at, recordedAt: at });
    expect(after).toMatchObject({ name: 'Ada L.', version: 2 });
    expect(after?.attributes).toBe(before?.attributes);
  });

  it('is deleted', () => {
    expect(fold(created, { type: 'UserDeleted', data: { userId } })).toMatchObject({ status: 'deleted' });
  });

  it('is nothing before it is created', () => {
    expect(fold({ type: 'UserDeleted', data: { userId } })).toBeNull();
  });
});
