import {
  type Decider,
  type UserCommand,
  type UserEvent,
  type UserState,
  userFold,
} from '@headrace/event-schema';
import {
  NothingToUpdateError,
  UserAlreadyExistsError,
  UserDeletedError,
  UserNotFoundError,
} from './errors.ts';

/** Every rule of what may happen to a user. `decide` throws a `DomainError`. */
export const userDecider: Decider<UserCommand, UserState | null, UserEvent> = {
  ...userFold,
  decide: (command, state) => {
    const { userId } = command.data;
    if (command.type === 'CreateUser') {
      if (state !== null) throw new UserAlreadyExistsError(userId);
      return [{ type: 'UserCreated', data: command.data }];
    }
    if (state === null) throw new UserNotFoundError(userId);
    if (state.status === 'deleted') throw new UserDeletedError(userId);
    if (command.type === 'DeleteUser') return [{ type: 'UserDeleted', data: command.data }];
    if (Object.keys(command.data.updates).length === 0) throw new NothingToUpdateError(userId);
    return [{ type: 'UserUpdated', data: command.data }];
  },
};
