import { createRegistry, type Decider, defineEvent, type EventOf, nextVersion } from '@headrace/event-schema';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { NewEvent } from './append/new-events.ts';
import { createEventStore } from './create-event-store.ts';
import type { EventStore } from './event-store.ts';

const brewed = nextVersion(
  defineEvent({
    type: 'TeaBrewed',
    category: 'tea',
    description: 'Made.',
    schema: z.object({ cups: z.int() }),
  }),
  z.object({ litres: z.number() }),
  ({ cups }) => ({ litres: cups / 5 }),
);
const drunk = defineEvent({
  type: 'TeaDrunk',
  category: 'tea',
  description: 'Drunk.',
  schema: z.object({ by: z.string() }),
});
type TeaEvent = EventOf<typeof brewed> | EventOf<typeof drunk>;

const openRegistry = createRegistry([brewed, drunk]);
const closedRegistry = createRegistry([brewed, drunk], { unregisteredTypes: 'refuse' });
const openStore = () => createEventStore({ redisUrl: '', registry: openRegistry });
const closedStore = () => createEventStore({ redisUrl: '', registry: closedRegistry });
type Open = ReturnType<typeof openStore>;
type Closed = ReturnType<typeof closedStore>;

const tea: NewEvent = { type: 'TeaBrewed', data: { litres: 1 } };

/** What follows is only type-checked: nothing runs. */
function compileOnly(_: (...args: never[]) => unknown): void {}

describe('a store of a closed registry', () => {
  it('takes events of its registry', () => {
    compileOnly(async (store: Closed, events: readonly TeaEvent[]) => {
      await store.append('tea:1', [{ type: 'TeaBrewed', data: { litres: 1 } }]);
      await store.append('tea:1', [
        { type: 'TeaBrewed', data: { litres: 1 }, occurredAt: '2024-01-01T00:00:00Z' },
        { type: 'TeaDrunk', data: { by: 'Ada' } },
      ]);
      await store.append('tea:1', events);
      await store.appendChecked('tea:1', events);
      store.assertAppendable('tea:1', events);
    });
  });

  it('refuses unknown types', () => {
    compileOnly(async (store: Closed) => {
      // @ts-expect-error: not registered
      await store.append('tea:1', [{ type: 'TeaSpilt', data: {} }]);
      // @ts-expect-error: not registered
      await store.appendChecked('tea:1', [{ type: 'TeaSpilt', data: {} }]);
      // @ts-expect-error: may be of any type
      await store.append('tea:1', [tea]);
    });
  });

  it('refuses wrong data', () => {
    compileOnly(async (store: Closed) => {
      // @ts-expect-error: a number
      await store.append('tea:1', [{ type: 'TeaBrewed', data: { litres: '1' } }]);
      // @ts-expect-error: of an older version
      await store.append('tea:1', [{ type: 'TeaBrewed', data: { cups: 1 } }]);
      // @ts-expect-error: one field too many
      await store.append('tea:1', [{ type: 'TeaBrewed', data: { litres: 1, cups: 5 } }]);
      await store.append('tea:1', [
        { type: 'TeaBrewed', data: { litres: 1 } },
        // @ts-expect-error: data of the other type
        { type: 'TeaDrunk', data: { litres: 1 } },
      ]);
    });
  });

  it('refuses a decider of other events', () => {
    compileOnly(
      (
        store: Closed,
        decider: Decider<string, number, TeaEvent>,
        other: Decider<string, number, { type: 'TeaSpilt'; data: object }>,
      ) => {
        expectTypeOf(store.handle(decider, 'tea:1', 'drink'))
          .resolves.toHaveProperty('state')
          .toBeNumber();
        // @ts-expect-error: not registered
        store.handle(other, 'tea:1', 'spill');
      },
    );
  });
});

describe('a store of an open registry', () => {
  it('takes events of any type', () => {
    compileOnly(async (store: Open, events: readonly TeaEvent[]) => {
      await store.append('tea:1', [
        { type: 'TeaSpilt', data: { on: 'the floor' } },
        { type: 'TeaBrewed', data: { litres: 1 } },
      ]);
      await store.append('tea:1', [tea]);
      await store.append('tea:1', events);
    });
  });

  it('refuses wrong data of a type that it knows', () => {
    compileOnly(async (store: Open) => {
      // @ts-expect-error: a number
      await store.append('tea:1', [{ type: 'TeaBrewed', data: { litres: '1' } }]);
      await store.append('tea:1', [
        { type: 'TeaSpilt', data: {} },
        // @ts-expect-error: no such field
        { type: 'TeaDrunk', data: { with: 'Ada' } },
      ]);
    });
  });
});

describe('a plain store', () => {
  it('takes any event', () => {
    compileOnly(async (store: EventStore) => {
      await store.append('tea:1', [tea, { type: 'TeaSpilt', data: {} }]);
    });
  });

  it('may be any store, and is no store of a registry', () => {
    expectTypeOf<Open>().toExtend<EventStore>();
    expectTypeOf<Closed>().toExtend<EventStore>();
    expectTypeOf<EventStore>().not.toExtend<Closed>();
  });
});
