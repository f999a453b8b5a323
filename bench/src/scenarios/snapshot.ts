import type { DomainEvent, Fold } from '@headrace/event-schema';
import type { EventStore } from '@headrace/event-store';
import type { Scenario } from '../harness/bench.ts';
import { asMilliseconds, type Contender, compare } from '../harness/compare.ts';
import { keepInFlight } from '../harness/load.ts';
import { newStream } from '../harness/payload.ts';
import { fillStream, openBenchStore } from '../harness/store.ts';

const EVENTS = 10_000;

interface Total {
  readonly events: number;
  readonly cents: number;
}

function foldOf(foldVersion: number): Fold<Total, DomainEvent> {
  return {
    category: 'bench',
    foldVersion,
    initialState: { events: 0, cents: 0 },
    evolve: ({ events, cents }) => ({ events: events + 1, cents: cents + 883 }),
  };
}

/** The state of a long stream, from a snapshot and from all of its events. */
export const snapshot: Scenario = {
  name: 'snapshot',
  title: 'load a long stream',
  run: async (bench) => {
    const store = await openBenchStore(bench);
    try {
      const stream = newStream();
      await fillStream(store, stream, EVENTS);
      const { measured, atLeast } = await compare({
        contenders: [await fromSnapshot(store, stream), fromAllEvents(store, stream)],
        rounds: bench.quick ? 1 : 7,
        say: bench.say,
      });
      return {
        rows: [
          {
            title: `load a stream of ${EVENTS.toLocaleString('en-US')} events`,
            unit: 'ms',
            measured: measured.map(asMilliseconds),
            verdicts: [atLeast(100, 'full replay')],
          },
        ],
      };
    } finally {
      await store.close();
    }
  },
};

async function fromSnapshot(store: EventStore, stream: string): Promise<Contender> {
  const fold = foldOf(1);
  const { state, version } = await store.load(fold, stream, { unregistered: true });
  await store.saveSnapshot(stream, { version, foldVersion: fold.foldVersion, state });
  return { name: 'Headrace, from a snapshot', run: () => loads(200, store, fold, stream) };
}

/** A fold version that no snapshot is of, each time; what the load itself saves comes too late for it. */
function fromAllEvents(store: EventStore, stream: string): Contender {
  let foldVersion = 1;
  return {
    name: 'full replay',
    run: () => {
      foldVersion += 1;
      return loads(1, store, foldOf(foldVersion), stream);
    },
  };
}

function loads(times: number, store: EventStore, fold: Fold<Total, DomainEvent>, stream: string) {
  return keepInFlight(1, times, async () => {
    const { state } = await store.load(fold, stream, { unregistered: true });
    if (state.events !== EVENTS) throw new Error(`the state is of ${state.events} events`);
  });
}
