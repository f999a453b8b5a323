import { createRegistry, defineEvent, type EventEnvelope } from '@headrace/event-schema';
import { createEventStore, type EventStore } from '@headrace/event-store';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { createEventConsumer } from './acknowledged/event-consumer.ts';
import { createTransactionalConsumer } from './transactional/transactional-consumer.ts';
import type { TransactionalSink } from './transactional/transactional-sink.ts';

const shipped = defineEvent({
  type: 'OrderShipped',
  category: 'order',
  description: 'It left.',
  schema: z.strictObject({ trackingNumber: z.string() }),
});
const delivered = defineEvent({
  type: 'OrderDelivered',
  category: 'order',
  description: 'It arrived.',
  schema: z.strictObject({ signature: z.string() }),
});
const registry = createRegistry([shipped, delivered]);

/** Never called: what is tried here is what compiles. */
function typedConsumers(sink: TransactionalSink<string>, plain: EventStore): void {
  const store = createEventStore({ redisUrl: 'redis://127.0.0.1', registry });
  const options = { store, group: 'g', instance: 'i' };
  createEventConsumer({
    ...options,
    handler: {
      types: ['OrderShipped', 'OrderDelivered'],
      handle: async (event) => {
        if (event.type === 'OrderShipped')
          expectTypeOf(event.data).toEqualTypeOf<{ trackingNumber: string }>();
        else expectTypeOf(event.data).toEqualTypeOf<{ signature: string }>();
      },
    },
  });
  createTransactionalConsumer({
    ...options,
    sink,
    handler: {
      types: ['OrderShipped'],
      handle: async (events, tx) => {
        expectTypeOf(events[0]?.data.trackingNumber).toEqualTypeOf<string | undefined>();
        expectTypeOf(tx).toEqualTypeOf<string>();
      },
    },
  });
  createEventConsumer({
    ...options,
    handler: {
      handle: async (event) => {
        expectTypeOf(event).toEqualTypeOf<EventEnvelope>();
      },
    },
  });
  const handle = async (): Promise<void> => undefined;
  // @ts-expect-error no contract is called so
  createEventConsumer({ ...options, handler: { types: ['OrderShiped'], handle } });
  // @ts-expect-error nor in a transactional consumer
  createTransactionalConsumer({ ...options, sink, handler: { types: ['OrderShiped'], handle } });
  createEventConsumer({ ...options, store: plain, handler: { types: ['Anything'], handle } });
}

describe('consumers of a registry', () => {
  it('know its event types', () => {
    expectTypeOf(typedConsumers).toBeFunction();
  });
});
