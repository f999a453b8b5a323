import { compareEvolution, pathsOf } from '@headrace/event-schema';
import { describe, expect, it } from 'vitest';
import { shopContracts, shopRegistry } from '../src/registry.ts';
import {
  currentFolds,
  type FoldDescriptions,
  goldenEventOf,
  goldenEvents,
  goldenHistories,
  lockedFolds,
} from './golden.ts';

const histories = goldenHistories();
const written = Object.values(histories).flatMap(({ stream, events }) =>
  events.map((event) => ({ stream, ...event })),
);

/** Names of the fields that data of a JSON Schema may have, dotted; those of an array's items are of the array. */
function fieldsOf(schema: unknown, path = ''): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {}, items } = schema as { properties?: Record<string, unknown>; items?: unknown };
  const inside = Object.entries(properties).flatMap(([name, inner]) => {
    const at = path === '' ? name : `${path}.${name}`;
    return [at, ...fieldsOf(inner, at)];
  });
  return [...inside, ...fieldsOf(items, path)];
}

describe('the golden histories', () => {
  it.each(written)('have $type as its contract has it', ({ stream, type, data, schemaVersion }) => {
    expect(() => shopRegistry.accept(stream, type, data, schemaVersion)).not.toThrow();
  });

  it.each(shopContracts)('have every field of $type', (contract) => {
    const newest = contract.versions.length;
    const found = written
      .filter(({ type, schemaVersion = newest }) => type === contract.type && schemaVersion === newest)
      .flatMap(({ data }) => pathsOf(data));
    expect(found, `add ${contract.type} with it to golden/histories.json`).toEqual(
      expect.arrayContaining([...fieldsOf(contract.schema.toJSONSchema())]),
    );
  });

  it('tell the golden files as they are', () => {
    for (const [name, event] of goldenEvents())
      expect(goldenEventOf(event.type, event.version), name).toEqual(event);
  });
});

describe('the folds', () => {
  const current = currentFolds(histories);
  const complaints = (locked: FoldDescriptions) =>
    Object.entries(current).flatMap(([category, fold]) => compareEvolution(category, locked[category], fold));

  it('make of the histories what they made when their version was new', () => {
    expect(complaints(lockedFolds())).toEqual([]);
  });

  it('are locked as they are; if not, run the script "lock"', () => {
    expect(lockedFolds()).toEqual(current);
  });

  it.each(Object.keys(current))('of %s are missed in all that they do', (category) => {
    const fold = current[category];
    if (fold === undefined) throw new Error('no such fold');
    for (const [name, { events }] of Object.entries(fold.histories)) {
      const other = { ...fold.histories, [name]: { events, states: 'other' } };
      expect(complaints({ ...current, [category]: { ...fold, histories: other } })).toMatchObject([
        expect.stringContaining(`something else of the history "${name}"`),
      ]);
    }
    const fewer = { ...fold, fields: fold.fields.slice(1) };
    expect(complaints({ ...current, [category]: fewer })).toMatchObject([
      expect.stringContaining(`+${fold.fields[0]}`),
    ]);
    const raised = { ...fewer, version: fold.version - 1 };
    expect(complaints({ ...current, [category]: raised })).toEqual([]);
  });
});
