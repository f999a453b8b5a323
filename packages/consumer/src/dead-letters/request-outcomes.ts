import type { DeadLetter } from './dead-letter.ts';

// What became of an operator's request, as the list of requests shows it.

/** @param events that were parked of the stream */
export function handledOutcome(events: number): string {
  if (events === 0) return 'nothing of the stream was parked any more';
  return events === 1 ? 'handled: 1 event' : `handled: ${events} events`;
}

export function failedOutcome({ cause, error }: Pick<DeadLetter, 'cause' | 'error'>): string {
  return `${cause === 'deferred' ? 'deferred' : 'failed again'}: ${error ?? 'for no known reason'}`;
}

export function discardedOutcome(isParked: boolean): string {
  return isParked ? 'discarded' : 'the event was not parked any more';
}
