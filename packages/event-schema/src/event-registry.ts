import type { CategoryRules } from './category-rules.ts';
import type { ContractIssue, EventContract } from './contract.ts';
import { CategoryMismatchError, ContractViolationError, UnregisteredTypeError } from './contract-errors.ts';
import { decode, upcast } from './decode.ts';
import type { EventEnvelope, StoredEvent } from './envelope.ts';
import type { EventIn, EventMap, EventMapOf, ListedType } from './event-map.ts';
import type { AnyHistory } from './history.ts';
import { assertCategory, categoryOfStream, streamOf } from './stream-name.ts';

/** What a writer wants stored, ready to be serialised. */
export interface AcceptedEvent {
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: unknown;
}

/**
 * The contracts a process knows: checks what is written, upcasts what is read. Immutable. `Events` are the events that
 * may be written; every registry is assignable to a plain `EventRegistry`.
 */
export interface EventRegistry<out Events extends EventMap = EventMap> {
  /** Carries the types, for inference only; never there at run time. */
  readonly events?: Events;
  readonly contracts: readonly EventContract[];
  contractOf(type: string): EventContract | undefined;
  categoryOf(type: string, stream: string): string;
  /**
   * Validates data against the contract of `type` (its newest version unless `schemaVersion` says otherwise)
   * and strips nothing. An unregistered type is accepted as it is, as version 1, or refused, as the registry was made.
   * @throws ContractViolationError, CategoryMismatchError, UnregisteredTypeError
   */
  accept(stream: string, type: string, data: unknown, schemaVersion?: number): AcceptedEvent;
  /** What the history of a category's streams can never be; undefined if anything is possible. */
  historyOf(category: string): AnyHistory | undefined;
  /**
   * Data upcast to the newest version of its contract; undefined for an unregistered type. Nothing is checked: for data
   * that violates its contract the result may be anything.
   */
  newest(type: string, data: unknown, schemaVersion?: number): unknown;
  /** Never throws: an event that cannot be interpreted is marked as unreadable. */
  decode(stored: StoredEvent): EventEnvelope;
}

export interface RegistryOptions {
  /** Checks of what is written, by category. Default: none. */
  readonly rules?: Readonly<Record<string, CategoryRules>>;
  /**
   * What `accept` does with an event type that has no contract. `refuse` closes the registry: the compiler knows then
   * that no other types can be appended. Reading is the same for both. Default `accept`.
   */
  readonly unregisteredTypes?: 'accept' | 'refuse';
}

/** The event types of a registry's contracts. */
export type EventTypeOf<Registry extends EventRegistry> =
  Registry extends EventRegistry<infer Events> ? ListedType<Events> : never;

/** The data of one of a registry's event types, in the newest version of its contract. */
export type DataOfType<Registry extends EventRegistry, Type extends EventTypeOf<Registry>> =
  Registry extends EventRegistry<infer Events> ? Events[Type] : never;

/** The `{ type, data }` pairs of a registry's contracts. */
export type EventOfRegistry<Registry extends EventRegistry> =
  Registry extends EventRegistry<infer Events> ? EventIn<Events, ListedType<Events>> : never;

/** @throws Error when two contracts share a type, InvalidCategoryError for a category that no stream can have */
export function createRegistry<const Contracts extends readonly EventContract[]>(
  contracts: Contracts,
  options: RegistryOptions & { readonly unregisteredTypes: 'refuse' },
): EventRegistry<EventMapOf<Contracts>>;
export function createRegistry<const Contracts extends readonly EventContract[]>(
  contracts: Contracts,
  options?: RegistryOptions,
): EventRegistry<EventMapOf<Contracts> & EventMap>;
export function createRegistry(
  contracts: readonly EventContract[],
  { rules = {}, unregisteredTypes = 'accept' }: RegistryOptions = {},
): EventRegistry {
  const byType = byTypeOf(contracts);
  for (const category of Object.keys(rules)) assertCategory(category, 'a rule');
  const categoryOf = (type: string, stream: string): string =>
    byType.get(type)?.category ?? categoryOfStream(stream);
  return {
    contracts,
    contractOf: (type) => byType.get(type),
    categoryOf,
    accept: (stream, type, data, schemaVersion) => {
      const contract = byType.get(type);
      if (contract !== undefined) return accept(contract, rules, stream, data, schemaVersion);
      if (unregisteredTypes === 'refuse') throw new UnregisteredTypeError(type);
      return { type, schemaVersion: schemaVersion ?? 1, data };
    },
    historyOf: (category) => rules[category]?.history,
    newest: (type, data, schemaVersion) => {
      const contract = byType.get(type);
      if (contract === undefined) return undefined;
      return upcast(contract, data, schemaVersion ?? contract.versions.length);
    },
    decode: (stored) => decode(byType.get(stored.type), categoryOf(stored.type, stored.stream), stored),
  };
}

function byTypeOf(contracts: readonly EventContract[]): ReadonlyMap<string, EventContract> {
  const byType = new Map<string, EventContract>();
  for (const contract of contracts) {
    const { type, category } = contract;
    if (byType.has(type)) throw new Error(`event type ${type} is registered twice`);
    assertCategory(category, `event ${type}`);
    byType.set(type, contract);
  }
  return byType;
}

function accept(
  contract: EventContract,
  rules: Readonly<Record<string, CategoryRules>>,
  stream: string,
  data: unknown,
  requested: number | undefined,
): AcceptedEvent {
  const { type, category, versions } = contract;
  if (categoryOfStream(stream) !== category) throw new CategoryMismatchError(type, stream, category);
  const schemaVersion = requested ?? versions.length;
  const issues = schemaIssues(contract, schemaVersion, data) ?? ruleIssues(rules, category, stream, data);
  if (issues !== undefined) throw new ContractViolationError(type, schemaVersion, issues);
  return { type, schemaVersion, data };
}

function schemaIssues(
  { versions }: EventContract,
  schemaVersion: number,
  data: unknown,
): readonly ContractIssue[] | undefined {
  const version = versions[schemaVersion - 1];
  if (version === undefined)
    return [{ path: '', message: `there is no version ${schemaVersion}; the newest is ${versions.length}` }];
  const { error } = version.schema.safeParse(data);
  return error?.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
}

function ruleIssues(
  rules: Readonly<Record<string, CategoryRules>>,
  category: string,
  stream: string,
  data: unknown,
): readonly ContractIssue[] | undefined {
  const rule = rules[category];
  const issue = rule && (issueOfId(category, rule.idField, stream, data) ?? rule.issueOf?.(data));
  return issue && [issue];
}

/** The issue of data whose id leads to another stream. */
function issueOfId(
  category: string,
  field: string,
  stream: string,
  data: unknown,
): ContractIssue | undefined {
  const id = (data as Readonly<Record<string, unknown>>)[field];
  if (typeof id !== 'string' || streamOf(category, id) === stream) return undefined;
  const message = `"${id}" leads to stream "${streamOf(category, id)}", not to "${stream}": write there, or name this stream's id`;
  return { path: field, message };
}
