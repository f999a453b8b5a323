import { categoryOfStream, type DomainEvent, type Fold } from '@headrace/event-schema';
import { type EventStore, type Loaded, type LoadOptions, StreamNotFoundError } from '@headrace/event-store';
import {
  accountFold,
  accountView,
  orderFold,
  orderView,
  userFold,
  userView,
  withDecimals,
} from '@headrace/shop';

/** The state of a stream, and how HTTP shows it. */
export interface ShownState extends Loaded<unknown> {
  readonly shown: unknown;
}

/** How the state of a stream comes about and is shown, whatever its category. */
export interface StreamState {
  readonly foldVersion: number;
  load(store: EventStore, stream: string, options?: Pick<LoadOptions, 'version'>): Promise<ShownState>;
  /** A state that was kept, perhaps by an older fold. */
  presentKept(state: unknown): unknown;
}

/**
 * For categories without a fold: the data of all events, each laid over what was there. Version 0 is below every
 * version that a real fold can have, so that none ever starts from a merged snapshot.
 */
const mergeFold: Fold<Readonly<Record<string, unknown>>> = {
  category: '*',
  foldVersion: 0,
  initialState: {},
  evolve: (state, { data }) => (typeof data === 'object' && data !== null ? { ...state, ...data } : state),
};

const merged: StreamState = {
  foldVersion: mergeFold.foldVersion,
  load: async (store, stream, options) => {
    const loaded = await store.load(mergeFold, stream, { ...options, unregistered: true });
    return { ...loaded, shown: loaded.state };
  },
  // what these events mean by `{ minor, currency }` is not known here
  presentKept: (state) => state,
};

function folded<State, Event extends DomainEvent>(
  fold: Fold<State | null, Event>,
  view: { readonly present: (state: State) => unknown },
): [string, StreamState] {
  const { category, foldVersion } = fold;
  const load: StreamState['load'] = async (store, stream, options) => {
    const loaded = await store.load(fold, stream, options);
    return { ...loaded, shown: loaded.state === null ? null : view.present(loaded.state) };
  };
  return [category, { foldVersion, load, presentKept: withDecimals }];
}

const byCategory = new Map([
  folded(orderFold, orderView),
  folded(accountFold, accountView),
  folded(userFold, userView),
]);

/** By the fold of the stream's category or, where there is none, by merging the data of its events. */
export function stateOf(stream: string): StreamState {
  return byCategory.get(categoryOfStream(stream)) ?? merged;
}

/** The version of a stream that is there. @throws StreamNotFoundError */
export async function currentVersionOf(store: EventStore, stream: string): Promise<number> {
  const version = await store.streamVersion(stream);
  if (version === 0) throw new StreamNotFoundError(stream);
  return version;
}
