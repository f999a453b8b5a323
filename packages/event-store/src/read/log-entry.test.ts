import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counterRegistry } from '../../test/contract/counter.ts';
import { indexedEvent, storedEvent } from './log-entry.ts';

const fields = {
  stream: 'counter:1',
  version: '3',
  type: 'CounterAdded',
  schema: '1',
  data: '{"by":2}',
  meta: '{"actor":"ann"}',
};
const flat = (entries: Readonly<Record<string, string>>): string[] => Object.entries(entries).flat();

describe('decoding an entry', () => {
  it('reads the fields by name, whatever their order', () => {
    const expected = {
      position: '2-5-0',
      stream: 'counter:1',
      version: 3,
      type: 'CounterAdded',
      schemaVersion: 1,
      data: '{"by":2}',
      meta: '{"actor":"ann"}',
    };
    expect(storedEvent(2, '5-0', flat(fields))).toEqual(expected);
    const { type, ...others } = fields;
    expect(storedEvent(2, '5-0', ['stream', others.stream, 'type', type, ...flat(others).slice(2)])).toEqual(
      expected,
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.entries(fields), { minLength: 6 }), (order) => {
        expect(storedEvent(2, '5-0', order.flat())).toEqual(expected);
      }),
    );
  });

  it('reads an id of the entry’s own, wherever it stands', () => {
    expect(storedEvent(0, '5-0', [...flat(fields), 'id', 'old']).id).toBe('old');
    expect(storedEvent(0, '5-0', ['id', 'old', ...flat(fields)]).id).toBe('old');
    expect(storedEvent(0, '5-0', flat(fields)).id).toBeUndefined();
  });

  it('takes no value for a name', () => {
    const tricky = { ...fields, type: 'data', data: 'meta', meta: 'id' };
    const backwards = Object.fromEntries(Object.entries(tricky).reverse());
    for (const order of [tricky, backwards])
      expect(storedEvent(0, '5-0', flat(order))).toMatchObject({ type: 'data', data: 'meta', meta: 'id' });
  });

  it('never throws, and yields an envelope whatever is there', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...Object.keys(fields)), fc.string())), (anything) => {
        const stored = storedEvent(0, '5-0', anything);
        expect(counterRegistry.decode(stored)).toMatchObject({ position: '0-5-0' });
      }),
    );
  });
});

describe('decoding an entry of a stream’s index', () => {
  it('counts its place, not what it says of itself', () => {
    const event = indexedEvent(counterRegistry, 0, 'counter:1', 7, ['5-0', flat(fields)]);
    expect(event).toMatchObject({ version: 7, schemaVersion: 2, data: { by: 2, unit: 'piece' } });
  });

  it('says so when the log lacks it', () => {
    for (const entry of [['5-0'], ['5-0', null]] as const)
      expect(() => indexedEvent(counterRegistry, 0, 'counter:1', 1, entry)).toThrow('5-0');
  });
});
