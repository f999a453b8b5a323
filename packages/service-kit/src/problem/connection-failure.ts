import { transientFailureOf, withCauses } from '@headrace/event-store';

/** Whether an error, or one that caused it, says that Redis or PostgreSQL cannot be reached or cannot serve now. */
export function isConnectionFailure(error: unknown): boolean {
  return withCauses(error).some((cause) => transientFailureOf(cause) === 'unavailable');
}
