import type { CategoryRules } from './category-rules.ts';
import type { ContractIssue, EventContract } from './contract.ts';
import type { EventEnvelope, EventMeta, StoredEvent, UnreadableReason } from './envelope.ts';
import type { AnyHistory } from './history.ts';
import { recordedMsOf } from './position.ts';
import { categoryOfStream, streamOf } from './stream-name.ts';

/** Data that does not satisfy its type's contract. */
export class ContractViolationError extends Error {
  readonly code = 'CONTRACT_VIOLATION';
  readonly type: string;
  readonly schemaVersion: number;
  readonly issues: readonly ContractIssue[];
  constructor(type: string, schemaVersion: number, issues: readonly ContractIssue[]) {
    const list = issues.map((issue) => `${issue.path || 'data'}: ${issue.message}`).join('; ');
    super(`data of ${type} does not satisfy version ${schemaVersion} of its contract: ${list}`);
    this.name = 'ContractViolationError';
    this.type = type;
    this.schemaVersion = schemaVersion;
    this.issues = issues;
  }
}

/** A registered event type on a stream of another category. */
export class CategoryMismatchError extends Error {
  readonly code = 'CATEGORY_MISMATCH';
  readonly type: string;
  readonly stream: string;
  readonly expected: string;
  constructor(type: string, stream: string, expected: string) {
    super(
      `${type} belongs to category "${expected}" and cannot be appended to stream "${stream}" of category "${categoryOfStream(stream)}"`,
    );
    this.name = 'CategoryMismatchError';
    this.type = type;
    this.stream = stream;
    this.expected = expected;
  }
}

/** What a writer wants stored, ready to be serialised. */
export interface AcceptedEvent {
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: unknown;
}

/** The contracts a process knows: checks what is written, upcasts what is read. Immutable. */
export interface EventRegistry {
  readonly contracts: readonly EventContract[];
  contractOf(type: string): EventContract | undefined;
  categoryOf(type: string, stream: string): string;
  /**
   * Validates data against the contract of `type` (its newest version unless `schemaVersion` says otherwise)
   * and strips nothing. An unregistered type is accepted as it is, as version 1.
   * @throws ContractViolationError, CategoryMismatchError
   */
  accept(stream: string, type: string, data: unknown, schemaVersion?: number): AcceptedEvent;
  /** What the history of a category's streams can never be; undefined where it may be anything. */
  historyOf(category: string): AnyHistory | undefined;
  /**
   * Data as the newest version of its contract has it; undefined for an unregistered type. Data that breaks its contract
   * comes back as anything.
   */
  newest(type: string, data: unknown, schemaVersion?: number): unknown;
  /** Never throws: what cannot be interpreted comes back marked as unreadable. */
  decode(stored: StoredEvent): EventEnvelope;
}

/**
 * @param rules of what is written, by category; default none
 * @throws Error when two contracts share a type
 */
export function createRegistry(
  contracts: readonly EventContract[],
  rules: Readonly<Record<string, CategoryRules>> = {},
): EventRegistry {
  const byType = new Map<string, EventContract>();
  for (const contract of contracts) {
    if (byType.has(contract.type)) throw new Error(`event type ${contract.type} is registered twice`);
    byType.set(contract.type, contract);
  }
  const categoryOf = (type: string, stream: string): string =>
    byType.get(type)?.category ?? categoryOfStream(stream);
  return {
    contracts,
    contractOf: (type) => byType.get(type),
    categoryOf,
    accept: (stream, type, data, schemaVersion) => {
      const accepted = accept(byType.get(type), stream, type, data, schemaVersion);
      const category = byType.get(type)?.category ?? '';
      const rule = rules[category];
      const issue =
        rule && (issueOfId(category, rule.idField, stream, accepted) ?? rule.issueOf?.(accepted.data));
      if (issue === undefined) return accepted;
      throw new ContractViolationError(type, accepted.schemaVersion, [issue]);
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

function accept(
  contract: EventContract | undefined,
  stream: string,
  type: string,
  data: unknown,
  requested: number | undefined,
): AcceptedEvent {
  if (contract === undefined) return { type, schemaVersion: requested ?? 1, data };
  if (categoryOfStream(stream) !== contract.category)
    throw new CategoryMismatchError(type, stream, contract.category);
  const schemaVersion = requested ?? contract.versions.length;
  const version = contract.versions[schemaVersion - 1];
  if (version === undefined) {
    throw new ContractViolationError(type, schemaVersion, [
      {
        path: '',
        message: `there is no version ${schemaVersion}; the newest is ${contract.versions.length}`,
      },
    ]);
  }
  const result = version.schema.safeParse(data);
  if (!result.success) {
    const issues = result.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      message: issue.message,
    }));
    throw new ContractViolationError(type, schemaVersion, issues);
  }
  return { type, schemaVersion, data };
}

/** An id that leads to another stream. */
function issueOfId(
  category: string,
  field: string,
  stream: string,
  { data }: AcceptedEvent,
): ContractIssue | undefined {
  const id = (data as Readonly<Record<string, unknown>>)[field];
  if (typeof id !== 'string' || streamOf(category, id) === stream) return undefined;
  const message = `"${id}" leads to stream "${streamOf(category, id)}", not to "${stream}": write there, or name this stream's id`;
  return { path: field, message };
}

/** The last moment that a Date can hold (ECMA-262, 21.4.1.1); Redis's entry ids go further. */
const LAST_MOMENT_MS = 8.64e15;

interface Interpreted {
  readonly data: unknown;
  readonly schemaVersion: number;
  readonly unreadable?: UnreadableReason;
}

function decode(contract: EventContract | undefined, category: string, stored: StoredEvent): EventEnvelope {
  const meta = parseMeta(stored.meta);
  const recordedMs = recordedMsOf(stored.position);
  const isDated = recordedMs <= LAST_MOMENT_MS;
  const recordedAt = new Date(isDated ? recordedMs : LAST_MOMENT_MS).toISOString();
  const { data, schemaVersion, unreadable } = interpret(contract, stored, isDated);
  return {
    id: stored.id ?? stored.position,
    position: stored.position,
    stream: stored.stream,
    category,
    version: stored.version,
    type: stored.type,
    schemaVersion,
    data,
    recordedAt,
    occurredAt: isDate(meta.occurredAt) ? meta.occurredAt : recordedAt,
    meta,
    ...(unreadable === undefined ? {} : { unreadable }),
  };
}

function interpret(contract: EventContract | undefined, stored: StoredEvent, isDated: boolean): Interpreted {
  const { schemaVersion } = stored;
  let data: unknown;
  try {
    data = JSON.parse(stored.data);
  } catch {
    // of a type that is not registered nothing is expected, not even that
    const unreadable = contract === undefined ? 'unknown-type' : 'malformed';
    return { data: stored.data, schemaVersion, unreadable };
  }
  if (contract === undefined) return { data, schemaVersion, unreadable: 'unknown-type' };
  const newest = contract.versions.length;
  if (!(schemaVersion >= 1 && schemaVersion <= newest))
    return { data, schemaVersion, unreadable: 'unknown-version' };
  if (!isDated || !isObject(data)) return { data, schemaVersion, unreadable: 'malformed' };
  try {
    return { data: upcast(contract, data, schemaVersion), schemaVersion: newest };
  } catch {
    return { data, schemaVersion, unreadable: 'malformed' };
  }
}

function upcast(contract: EventContract, data: unknown, from: number): unknown {
  let current = data;
  for (const version of contract.versions.slice(from)) {
    if (version.upcast !== undefined) current = version.upcast(current as never);
  }
  return current;
}

function parseMeta(text: string): EventMeta {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

// entries written by hand may hold anything

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDate(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
