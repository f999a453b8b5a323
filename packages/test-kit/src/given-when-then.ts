import { expect } from 'vitest';

/** What a decider is to this kit; structural, so that it fits any package's type of that shape. */
export interface DeciderShape<State, Event, Command> {
  readonly initialState: State | (() => State);
  readonly evolve: (state: State, event: Event) => State;
  readonly decide: (command: Command, state: State) => Event | readonly Event[];
}

export interface Given<State, Event, Command> {
  /** Folds the events that happened before; none for a stream that does not exist yet. */
  given(...events: readonly Event[] | readonly [readonly Event[]]): When<State, Event, Command>;
}

export interface When<State, Event, Command> {
  /** The command to decide on. Nothing happens before `then…`. */
  when(command: Command): Then<State, Event>;
}

export interface Then<State, Event> {
  /** Expects exactly these events; given none, that nothing happens. */
  then: (...events: readonly Event[] | readonly [readonly Event[]]) => void;
  /** Expects that the decided events, folded in, lead to a state with these properties. */
  thenState(expected: Partial<State>): void;
  /** Expects a thrown error with this `code` and, if given, these properties. Returns it for more assertions. */
  thenRejects(code: string, properties?: Readonly<Record<string, unknown>>): Error;
}

/**
 * Specifies a decider: `decider(order).given([placed]).when(pay).then([paid])`. Events may be given one by one or as
 * one array.
 */
export function decider<State, Event, Command>(
  subject: DeciderShape<State, Event, Command>,
): Given<State, Event, Command> {
  return {
    given: (...history) => ({
      when: (command) => {
        const state = flat(history).reduce(subject.evolve, initialStateOf(subject));
        const decideEvents = (): readonly Event[] => flat([subject.decide(command, state)]);
        return {
          // biome-ignore lint/suspicious/noThenProperty: given/when/then is the name of the thing; never awaited.
          then: (...events) => expect(decideEvents()).toEqual(flat(events)),
          thenState: (expected) => {
            expect(decideEvents().reduce(subject.evolve, state)).toMatchObject(expected as object);
          },
          thenRejects: (code, properties = {}) => {
            const error = rejectionOf(decideEvents);
            expect(error).toMatchObject({ code, ...properties });
            return error;
          },
        };
      },
    }),
  };
}

function initialStateOf<State, Event, Command>(subject: DeciderShape<State, Event, Command>): State {
  const { initialState } = subject;
  return typeof initialState === 'function' ? (initialState as () => State)() : initialState;
}

/** Events one by one, or one array of them. */
function flat<Event>(events: readonly (Event | readonly Event[])[]): readonly Event[] {
  return events.flatMap((event) => event as Event | Event[]);
}

function rejectionOf(decideEvents: () => readonly unknown[]): Error {
  let events: readonly unknown[];
  try {
    events = decideEvents();
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error(`The decider threw something that is not an Error: ${String(error)}`, { cause: error });
  }
  throw new Error(`Expected the command to be refused, but it led to ${JSON.stringify(events)}`);
}
