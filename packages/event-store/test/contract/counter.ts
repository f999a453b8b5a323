import {
  createRegistry,
  type Decider,
  defineEvent,
  type EventOf,
  type EventRegistry,
  nextVersion,
} from '@headrace/event-schema';
import { z } from 'zod';

// A small aggregate to try a store on: opened once, counts up, closed once.

const category = 'counter';

export const counterOpened = defineEvent({
  type: 'CounterOpened',
  category,
  description: 'A counter stands at zero.',
  schema: z.strictObject({ owner: z.string() }),
});

const counterAddedV1 = defineEvent({
  type: 'CounterAdded',
  category,
  description: 'It went up; `note` carries ballast for tests of sizes.',
  schema: z.strictObject({ by: z.number(), note: z.string().exactOptional() }),
});

export const counterAdded = nextVersion(
  counterAddedV1,
  z.strictObject({ by: z.number(), unit: z.string(), note: z.string().exactOptional() }),
  (data) => ({ ...data, unit: 'piece' }),
);

export const counterClosed = defineEvent({
  type: 'CounterClosed',
  category,
  description: 'It counts no more.',
  schema: z.strictObject({}),
});

export const counterRegistry: EventRegistry = createRegistry([counterOpened, counterAdded, counterClosed]);

export type CounterEvent =
  | EventOf<typeof counterOpened>
  | EventOf<typeof counterAdded>
  | EventOf<typeof counterClosed>;

export interface CounterState {
  readonly owner: string;
  readonly total: number;
  readonly open: boolean;
  readonly versions: readonly number[];
}

export type CounterCommand =
  | { readonly kind: 'open'; readonly owner: string }
  | { readonly kind: 'add'; readonly by: number; readonly times?: number }
  | { readonly kind: 'close' }
  | { readonly kind: 'nothing' };

export class CounterRefusal extends Error {
  readonly code = 'COUNTER_REFUSAL';
}

export const counter: Decider<CounterCommand, CounterState | null, CounterEvent> = {
  category,
  foldVersion: 1,
  initialState: null,
  evolve: (state, event, { version }) => {
    switch (event.type) {
      case 'CounterOpened':
        return { owner: event.data.owner, total: 0, open: true, versions: [version] };
      case 'CounterAdded':
        return (
          state && {
            ...state,
            total: state.total + event.data.by,
            versions: [...state.versions, version].slice(-5),
          }
        );
      case 'CounterClosed':
        return state && { ...state, open: false };
      default:
        return state;
    }
  },
  decide: (command, state) => {
    switch (command.kind) {
      case 'open':
        if (state !== null) throw new CounterRefusal('open already');
        return [{ type: 'CounterOpened', data: { owner: command.owner } }];
      case 'add':
        if (state?.open !== true) throw new CounterRefusal('not open');
        return Array.from({ length: command.times ?? 1 }, () => added(command.by));
      case 'close':
        if (state?.open !== true) throw new CounterRefusal('not open');
        return [{ type: 'CounterClosed', data: {} }];
      case 'nothing':
        return [];
    }
  },
};

export function opened(owner = 'ann'): EventOf<typeof counterOpened> {
  return { type: 'CounterOpened', data: { owner } };
}

export function added(by = 1, note?: string): EventOf<typeof counterAdded> {
  return { type: 'CounterAdded', data: { by, unit: 'piece', ...(note === undefined ? {} : { note }) } };
}

export function addedTimes(count: number, firstBy = 1): readonly EventOf<typeof counterAdded>[] {
  return Array.from({ length: count }, (_, i) => added(firstBy + i));
}
