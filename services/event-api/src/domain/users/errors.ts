import { DomainError } from '@headrace/event-schema';

export class UserNotFoundError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'USER_NOT_FOUND';
  constructor(userId: string) {
    super(`there is no user ${userId}`);
  }
}

export class UserAlreadyExistsError extends DomainError {
  readonly kind = 'state-forbids';
  readonly code = 'USER_ALREADY_EXISTS';
  constructor(userId: string) {
    super(`user ${userId} exists already`);
  }
}

export class UserDeletedError extends DomainError {
  readonly kind = 'state-forbids';
  readonly code = 'USER_DELETED';
  constructor(userId: string) {
    super(`user ${userId} was deleted`);
  }
}

export class TooManyAttributesError extends DomainError {
  readonly kind = 'invalid-value';
  readonly code = 'TOO_MANY_ATTRIBUTES';
  readonly limit: number;
  constructor(userId: string, limit: number) {
    super(`user ${userId} cannot have more than ${limit} attributes; null removes one`);
    this.limit = limit;
  }
}

export class NothingToUpdateError extends DomainError {
  readonly kind = 'invalid-value';
  readonly code = 'NOTHING_TO_UPDATE';
  constructor() {
    super('`updates` is empty; name what should change');
  }
}
