import { type UserCommand, type UserEvent, type UserProfile, type UserState, userFold } from '@headrace/shop';
import { decider } from '@headrace/test-kit';
import { describe, it } from 'vitest';
import { userDecider } from './decide.ts';

const userId = 'user_123';
const now = '2026-01-15T12:00:00.000Z';
const context = { id: '0-1-0', version: 1, occurredAt: now, recordedAt: now };
const user = decider<UserState | null, UserEvent, UserCommand>({
  ...userDecider,
  evolve: (state, event) => userFold.evolve(state, event, context),
});

const created: UserEvent = { type: 'UserCreated', data: { userId, name: 'Ada' } };
const deleted: UserEvent = { type: 'UserDeleted', data: { userId } };
const create: UserCommand = { type: 'CreateUser', data: { userId, name: 'Ada' } };
const update: UserCommand = { type: 'UpdateUser', data: { userId, updates: { name: 'Ada King' } } };
const remove: UserCommand = { type: 'DeleteUser', data: { userId } };

describe('a user', () => {
  it('is created once, even after having been deleted', () => {
    user.given().when(create).then(created);
    user.given(created).when(create).thenRejects('USER_ALREADY_EXISTS');
    user.given(created, deleted).when(create).thenRejects('USER_ALREADY_EXISTS');
  });

  it('is updated and deleted', () => {
    user.given(created).when(update).thenState({ name: 'Ada King' });
    user.given(created).when(remove).then(deleted);
  });

  it('must exist', () => {
    for (const command of [update, remove]) {
      user.given().when(command).thenRejects('USER_NOT_FOUND');
      user.given(created, deleted).when(command).thenRejects('USER_DELETED');
    }
  });

  it('has at most 500 attributes, however many updates there are', () => {
    const named = (prefix: string, count: number, value: number | null = 1) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, value]));
    const updated = (attributes: UserProfile['attributes'] = {}) => ({ userId, updates: { attributes } });
    const full = Array.from({ length: 10 }, (_, i): UserEvent => {
      return { type: 'UserUpdated', data: updated(named(`part-${i}-`, 50)) };
    });
    const when = (attributes: UserProfile['attributes'], history = full) =>
      user.given(created, ...history).when({ type: 'UpdateUser', data: updated(attributes) });
    when({ more: 1 }).thenRejects('TOO_MANY_ATTRIBUTES', { limit: 500 });
    when({ more: 1 }, full.slice(1)).thenState({ name: 'Ada' });
    when({ 'part-3-7': 2, unknown: null }).thenState({ name: 'Ada' });
    when({ more: 1, 'part-3-7': null }).thenState({ name: 'Ada' });
    // one that has more already, from before there was a bound, may lose some
    const over: UserEvent = { type: 'UserUpdated', data: updated(named('over-', 20)) };
    when({ more: 1, 'part-3-7': null, 'part-3-8': null }, [...full, over]).thenState({ name: 'Ada' });
  });

  it('refuses an update that changes nothing', () => {
    user
      .given(created)
      .when({ type: 'UpdateUser', data: { userId, updates: {} } })
      .thenRejects('NOTHING_TO_UPDATE');
  });
});
