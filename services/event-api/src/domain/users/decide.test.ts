import { type UserCommand, type UserEvent, type UserState, userFold } from '@headrace/event-schema';
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

  it('refuses an update that changes nothing', () => {
    user
      .given(created)
      .when({ type: 'UpdateUser', data: { userId, updates: {} } })
      .thenRejects('NOTHING_TO_UPDATE');
  });
});
