import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import {
  type ContractDescriptions,
  type DomainEvent,
  describeContracts,
  describeEvolution,
  type EventEnvelope,
  type EvolutionDescription,
  envelopesOf,
  type Fold,
  type GoldenHistories,
} from '@headrace/event-schema';
import { accountFold } from '../src/accounts/state.ts';
import { orderFold } from '../src/orders/state.ts';
import { shopContracts, shopRegistry } from '../src/registry.ts';
import { userFold } from '../src/users/state.ts';

// What the files in `golden/` hold, and what the code makes of it now.

/** An event of one version of its type as it is stored, and as it is read today. */
export interface GoldenEvent {
  readonly type: string;
  readonly version: number;
  readonly stored: unknown;
  readonly newest: unknown;
}

export type FoldDescriptions = Readonly<Record<string, EvolutionDescription>>;

const folder = new URL('../golden/', import.meta.url);
const EVENT = '.golden.json';

function read<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
}

export function write(name: string, content: unknown): void {
  writeFileSync(new URL(name, folder), `${JSON.stringify(content, null, 2)}\n`);
}

export const CONTRACTS_LOCK = 'contracts.lock.json';
export const FOLDS_LOCK = 'folds.lock.json';
export const lockedContracts = (): ContractDescriptions => read(CONTRACTS_LOCK);
export const lockedFolds = (): FoldDescriptions => read(FOLDS_LOCK);
/** Streams as they may have been written: each event type, with each of its fields, is in one of them. */
export const goldenHistories = (): GoldenHistories => read('histories.json');

export const nameOf = (type: string, version: number): string => `${type}.v${version}${EVENT}`;

/** By file name. */
export function goldenEvents(): ReadonlyMap<string, GoldenEvent> {
  const names = readdirSync(folder).filter((name) => name.endsWith(EVENT));
  return new Map(names.map((name) => [name, read<GoldenEvent>(name)]));
}

export const currentContracts = (): ContractDescriptions => describeContracts(shopContracts);

/** By category. */
export function currentFolds(histories = goldenHistories()): FoldDescriptions {
  return Object.fromEntries([
    describeFold(orderFold, histories),
    describeFold(accountFold, histories),
    describeFold(userFold, histories),
  ]);
}

function describeFold<State, Event extends DomainEvent>(
  { category, foldVersion, initialState, evolve }: Fold<State, Event>,
  histories: GoldenHistories,
): readonly [string, EvolutionDescription] {
  const own = Object.entries(histories).filter(([, { events }]) =>
    events.every(({ type }) => shopRegistry.contractOf(type)?.category === category),
  );
  const statesOf = (events: readonly EventEnvelope[]): readonly State[] => {
    let state = initialState;
    return events.map(({ type, data, ...context }) => {
      // the histories hold events of this fold's contracts only
      state = evolve(state, { type, data } as Event, context);
      return state;
    });
  };
  return [category, describeEvolution(foldVersion, shopRegistry, Object.fromEntries(own), statesOf)];
}

/** An event file as it has to be: made of a history where there is none yet, and read anew where there is. */
export function goldenEventOf(
  type: string,
  version: number,
  kept = goldenEvents(),
  histories = goldenHistories(),
): GoldenEvent | undefined {
  const stored = kept.get(nameOf(type, version))?.stored ?? storedInHistory(histories, type, version);
  if (stored === undefined) return undefined;
  const event = { type, schemaVersion: version, data: stored };
  const [envelope] = envelopesOf(shopRegistry, { stream: 'order:1', events: [event] });
  return { type, version, stored, newest: envelope?.data };
}

function storedInHistory(histories: GoldenHistories, type: string, version: number): unknown {
  const newest = shopRegistry.contractOf(type)?.versions.length;
  return Object.values(histories)
    .flatMap(({ events }) => events)
    .find((event) => event.type === type && (event.schemaVersion ?? newest) === version)?.data;
}
