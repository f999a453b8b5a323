import type { Decider } from '@headrace/event-schema';
import { type UserCommand, type UserEvent, type UserProfile, type UserState, userFold } from '@headrace/shop';
import {
  NothingToUpdateError,
  TooManyAttributesError,
  UserAlreadyExistsError,
  UserDeletedError,
  UserNotFoundError,
} from './errors.ts';

/** Attributes of one user, whatever the number of updates: what a state holds, each fold and snapshot goes through. */
const MAX_ATTRIBUTES = 500;

/** Every rule of what may happen to a user. `decide` throws a `DomainError`. */
export const userDecider: Decider<UserCommand, UserState | null, UserEvent> = {
  ...userFold,
  decide: (command, state) => {
    const { userId } = command.data;
    if (command.type === 'CreateUser') {
      if (state !== null) throw new UserAlreadyExistsError({ userId });
      return [{ type: 'UserCreated', data: command.data }];
    }
    if (state === null) throw new UserNotFoundError({ userId });
    if (state.status === 'deleted') throw new UserDeletedError({ userId });
    if (command.type === 'DeleteUser') return [{ type: 'UserDeleted', data: command.data }];
    if (Object.keys(command.data.updates).length === 0) throw new NothingToUpdateError({});
    requireRoom(state, command.data.updates.attributes);
    return [{ type: 'UserUpdated', data: command.data }];
  },
};

/** A user who has more from before there was a bound may keep them, and lose some. */
function requireRoom({ userId, attributes }: UserState, changes: UserProfile['attributes'] = {}): void {
  const growth = Object.entries(changes).reduce((sum, [name, value]) => {
    const before = Object.hasOwn(attributes, name) ? 1 : 0;
    return sum + (value === null ? 0 : 1) - before;
  }, 0);
  if (growth > 0 && Object.keys(attributes).length + growth > MAX_ATTRIBUTES)
    throw new TooManyAttributesError({ userId, limit: MAX_ATTRIBUTES });
}
