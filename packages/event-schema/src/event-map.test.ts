import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { defineEvent, type EventContract, nextVersion } from './contract.ts';
import type { EventMap } from './event-map.ts';
import {
  createRegistry,
  type DataOfType,
  type EventOfRegistry,
  type EventRegistry,
  type EventTypeOf,
} from './event-registry.ts';

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
type Brewed = { readonly type: 'TeaBrewed'; readonly data: { litres: number } };
type Drunk = { readonly type: 'TeaDrunk'; readonly data: { by: string } };

const open = createRegistry([brewed, drunk]);
const closed = createRegistry([brewed, drunk], { unregisteredTypes: 'refuse' });

describe('a registry', () => {
  it.each([open, closed])('tells the types of its events, each with its newest data', () => {
    expectTypeOf<EventTypeOf<typeof open>>().toEqualTypeOf<'TeaBrewed' | 'TeaDrunk'>();
    expectTypeOf<EventTypeOf<typeof closed>>().toEqualTypeOf<'TeaBrewed' | 'TeaDrunk'>();
    expectTypeOf<EventOfRegistry<typeof open>>().toEqualTypeOf<Brewed | Drunk>();
    expectTypeOf<EventOfRegistry<typeof closed>>().toEqualTypeOf<Brewed | Drunk>();
    expectTypeOf<DataOfType<typeof open, 'TeaBrewed'>>().toEqualTypeOf<{ litres: number }>();
    expectTypeOf<DataOfType<typeof closed, 'TeaDrunk'>>().toEqualTypeOf<{ by: string }>();
    // @ts-expect-error: no such event type
    expectTypeOf<DataOfType<typeof closed, 'TeaSpilt'>>().toBeUnknown();
  });

  it('is a plain registry, and not the other way round', () => {
    expectTypeOf(open).toExtend<EventRegistry>();
    expectTypeOf(closed).toExtend<EventRegistry>();
    expectTypeOf<EventRegistry>().not.toExtend<typeof closed>();
  });

  it('of contracts that are only known at run time is a plain registry, closed or not', () => {
    const contracts: readonly EventContract[] = [brewed, drunk];
    expectTypeOf(createRegistry(contracts)).toExtend<EventRegistry<EventMap>>();
    const unknown = createRegistry(contracts, { unregisteredTypes: 'refuse' });
    expectTypeOf<EventRegistry<EventMap>>().toExtend<typeof unknown>();
    expectTypeOf<EventTypeOf<typeof unknown>>().toBeNever();
  });
});
