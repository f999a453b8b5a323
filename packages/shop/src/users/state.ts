import { type Fold, unhandled } from '@headrace/event-schema';
import type { UserEvent, UserProfile } from './contracts.ts';
import { USER_CATEGORY } from './user-stream.ts';

type Attributes = NonNullable<UserProfile['attributes']>;

export const USER_STATUSES = ['active', 'deleted'] as const;

/** A user as the events add up; times are business time, ISO 8601. */
export interface UserState extends Omit<UserProfile, 'attributes'> {
  readonly userId: string;
  readonly attributes: Attributes;
  readonly status: (typeof USER_STATUSES)[number];
  readonly createdAt: string;
  readonly deletedAt?: string;
  readonly lastUpdated: string;
  /** Version of the last event that this fold knows. */
  readonly version: number;
}

/** `null` until the user is created. */
export const userFold: Fold<UserState | null, UserEvent> = {
  category: USER_CATEGORY,
  foldVersion: 1,
  initialState: null,
  evolve: (state, event, { occurredAt, version }) => {
    const next = apply(state, event, occurredAt);
    return next === null || next === state ? state : { ...next, lastUpdated: occurredAt, version };
  },
};

function apply(state: UserState | null, event: UserEvent, at: string): UserState | null {
  if (event.type === 'UserCreated') {
    const { attributes = {}, ...rest } = event.data;
    return {
      ...rest,
      attributes: withoutNulls(attributes),
      status: 'active',
      createdAt: at,
      lastUpdated: at,
      version: 0,
    };
  }
  if (state === null) return null;
  switch (event.type) {
    case 'UserUpdated': {
      const { attributes, ...updates } = event.data.updates;
      if (attributes === undefined) return { ...state, ...updates };
      return { ...state, ...updates, attributes: merged(state.attributes, attributes) };
    }
    case 'UserDeleted':
      return { ...state, status: 'deleted', deletedAt: at };
    default:
      return unhandled(event, state);
  }
}

function merged(before: Attributes, changes: Attributes): Attributes {
  const after = { ...before, ...changes };
  return Object.values(changes).includes(null) ? withoutNulls(after) : after;
}

function withoutNulls(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null));
}
