import { readFileSync } from 'node:fs';
import {
  describeEvolution,
  type EventEnvelope,
  type EvolutionDescription,
  type GoldenHistories,
} from '@headrace/event-schema';
import { foldRows, type Projection } from '@headrace/projections';
import { shopRegistry } from '@headrace/shop';
import { projections } from '../src/projections/built-in.ts';

// What each projection makes of the shop's golden histories.

export type ProjectionDescriptions = Readonly<Record<string, EvolutionDescription>>;

export const LOCK = new URL('../golden/projections.lock.json', import.meta.url);
const HISTORIES = new URL('../../../packages/shop/golden/histories.json', import.meta.url);

function read<Content>(url: URL): Content {
  return JSON.parse(readFileSync(url, 'utf8'));
}

export const lockedProjections = (): ProjectionDescriptions => read(LOCK);

/** By name. */
export function currentProjections(): ProjectionDescriptions {
  const histories: GoldenHistories = read(HISTORIES);
  const all: readonly Projection<unknown>[] = projections;
  return Object.fromEntries(
    all.map((projection) => {
      const { name, version, columns } = projection;
      // the rows after each event; what is in a column of JSON is the fold's, or the event's
      const rowsOf = (events: readonly EventEnvelope[]) =>
        events.map((_, index) => [...foldRows(projection, events.slice(0, index + 1)).values()]);
      const fieldsOf = () => Object.keys(columns);
      return [name, describeEvolution(version, shopRegistry, histories, rowsOf, fieldsOf)];
    }),
  );
}
