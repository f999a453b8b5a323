import type { ContractIssue } from './contract.ts';
import { assertFoldCategory, type DomainEvent, type Fold } from './decider.ts';

/**
 * What the history of a category's streams can never be. Checked for events from outside, which no decider has produced.
 */
export interface History<State, Event extends DomainEvent> {
  readonly fold: Fold<State, Event>;
  /** A field whose value does not fit the stream's state, such as an amount in another currency. */
  readonly issueOf?: (state: State, event: Event, stream: string) => ContractIssue | undefined;
  /** Why the event cannot follow the ones before it, as a sentence about the stream; undefined if it can. */
  readonly contradiction: (state: State, event: Event) => string | undefined;
}

/** A history whose types of state and events are known to its own functions only. */
export type AnyHistory = History<unknown, DomainEvent>;

/**
 * Forgets the types: the functions of a history are only called with states of its own fold, and with events that
 * satisfy its own contracts.
 * @throws InvalidCategoryError for a fold of a category that no stream can have
 */
export function anyHistory<State, Event extends DomainEvent>(history: History<State, Event>): AnyHistory {
  assertFoldCategory(history.fold);
  return history as unknown as AnyHistory;
}
