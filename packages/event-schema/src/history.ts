import type { ContractIssue } from './contract.ts';
import type { DomainEvent, Fold } from './decider.ts';

/**
 * What the history of a category's streams can never be, whatever a command may ask for. Asked of events that come from
 * outside, on which no decider has decided.
 */
export interface History<State, Event extends DomainEvent> {
  readonly fold: Fold<State, Event>;
  /** The field whose value can be in no event of this stream, as it is now: an amount in another currency. */
  readonly issueOf?: (state: State, event: Event, stream: string) => ContractIssue | undefined;
  /** Why the event cannot follow on what came before it, as a sentence about the stream; undefined where it can. */
  readonly contradiction: (state: State, event: Event) => string | undefined;
}

/** A history whose state and events only its own functions know. */
export type AnyHistory = History<unknown, DomainEvent>;

/** Its functions are given what its own fold has made, and events that satisfy its own contracts. */
export function anyHistory<State, Event extends DomainEvent>(history: History<State, Event>): AnyHistory {
  return history as unknown as AnyHistory;
}
