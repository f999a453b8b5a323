import { transientFailureOf, withCauses } from '@headrace/event-store';

/**
 * What to do about a failure. `fenced`: drop everything, another instance owns the partition. `transient`: wait and try
 * again, for ever; it says nothing about the event. `poison`: this event cannot be handled as things are.
 */
export type FailureKind = 'fenced' | 'transient' | 'poison';

/** Tells by the error, or by the first of its causes that is known. */
export function kindOf(error: unknown): FailureKind {
  for (const cause of withCauses(error)) {
    if (isFenced(cause)) return 'fenced';
    if (transientFailureOf(cause) !== undefined) return 'transient';
  }
  return 'poison';
}

/** By its code: a second copy of the package changes nothing. */
function isFenced(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'FENCED';
}

const LONGEST_STACK = 4_000;

/** An error in one line as operators see it: bounded, without a stack. */
export function describe(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 1_000);
}

/** Why a message is parked, as its dead letter keeps it; both null for one that only waits behind another. */
export interface ParkedWhy {
  readonly error: string | null;
  /** Of the error and of those that caused it, at most 4,000 characters; null where there is none. */
  readonly stack: string | null;
}

export function whyParked(error: unknown): ParkedWhy {
  if (error === null) return { error: null, stack: null };
  const stack = stacksOf(error).join('\ncaused by: ').slice(0, LONGEST_STACK);
  return { error: describe(error), stack: stack === '' ? null : stack };
}

function stacksOf(error: unknown): readonly string[] {
  const errors = withCauses(error).filter((cause) => cause instanceof Error);
  return errors.map((cause) => cause.stack ?? describe(cause));
}
