import { assertCategory } from './stream-name.ts';

/** An event as deciders emit it and folds receive it. */
export interface DomainEvent {
  readonly type: string;
  readonly data: unknown;
}

/** What a fold gets of an event beside its type and data. */
export interface FoldContext {
  readonly id: string;
  readonly version: number;
  readonly occurredAt: string;
  readonly recordedAt: string;
}

/**
 * How a category's events add up to a state. `evolve` is pure and total: an event that it does not know
 * leaves the state as it is. Keep the state small: one that grows with each event makes folding quadratic, and each
 * snapshot as large as its stream.
 */
export interface Fold<State, Event extends DomainEvent = DomainEvent> {
  /** `*` for a fold of streams of any category. */
  readonly category: string;
  /** Raise it whenever `evolve` or the state's shape changes: snapshots of another version are ignored. */
  readonly foldVersion: number;
  readonly initialState: State;
  readonly evolve: (state: State, event: Event, context: FoldContext) => State;
}

/**
 * For the end of a fold's `switch`: the state as it is. That `event` is `never` there makes an event type that no case
 * handles an error of the type check; at run time a newer writer's type may still come.
 */
export function unhandled<State>(_event: never, state: State): State {
  return state;
}

/** A fold and the rules of what may happen next. `decide` throws a domain error to refuse. */
export interface Decider<Command, State, Event extends DomainEvent = DomainEvent> extends Fold<State, Event> {
  readonly decide: (command: Command, state: State) => readonly Event[];
}

/** @throws InvalidCategoryError for a category that no stream can have */
export function assertFoldCategory({ category }: { readonly category: string }): void {
  if (category !== '*') assertCategory(category, 'a fold');
}
