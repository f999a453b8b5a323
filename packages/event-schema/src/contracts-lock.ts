import type { ContractDescription, ContractDescriptions, JsonSchema } from './json-schema.ts';

/** A change of a contract that stored events, or readers that are rolled out, would not survive. */
export interface LockViolation {
  readonly type: string;
  /** Absent when the type as a whole is concerned. */
  readonly version?: number;
  readonly reason: 'type-removed' | 'category-changed' | 'version-removed' | 'schema-changed';
  /** Names type, version and the places that differ. */
  readonly message: string;
}

/**
 * Compares contracts with the locked ones. Allowed are new types, new versions and, within a version, new
 * optional fields; everything else is a violation. Descriptions and titles may change freely.
 */
export function compareContracts(
  locked: ContractDescriptions,
  current: ContractDescriptions,
): readonly LockViolation[] {
  return Object.entries(locked).flatMap(([type, before]) => compareType(type, before, current[type]));
}

function compareType(
  type: string,
  before: ContractDescription,
  now: ContractDescription | undefined,
): readonly LockViolation[] {
  if (now === undefined) {
    return [{ type, reason: 'type-removed', message: `${type} was removed` }];
  }
  const violations = Object.entries(before.versions).flatMap(([version, schema]) =>
    compareVersion(type, Number(version), schema, now.versions[version]),
  );
  if (before.category === now.category) return violations;
  const message = `${type} moved from category "${before.category}" to "${now.category}"`;
  return [{ type, reason: 'category-changed', message }, ...violations];
}

function compareVersion(
  type: string,
  version: number,
  before: JsonSchema,
  now: JsonSchema | undefined,
): readonly LockViolation[] {
  if (now === undefined) {
    return [{ type, version, reason: 'version-removed', message: `${type} version ${version} was removed` }];
  }
  const changes = changesOf(before, now, 'data');
  if (changes.length === 0) return [];
  const message = `${type} version ${version} changed: ${changes.join('; ')}`;
  return [{ type, version, reason: 'schema-changed', message }];
}

const ANNOTATIONS = new Set(['$schema', 'title', 'description', 'examples']);

/** What differs between two schemas or parts of them, in words, each with its path. */
function changesOf(before: unknown, now: unknown, path: string): readonly string[] {
  if (isRecord(before) && isRecord(now)) {
    return keysOf(before, now)
      .filter((key) => !ANNOTATIONS.has(key))
      .flatMap((key) => {
        if (key === 'properties') return changesOfFields(before[key], now[key], path);
        // a set of names, in the order of the fields
        const inOrder = key === 'required' ? sorted : (value: unknown) => value;
        return changesOf(inOrder(before[key]), inOrder(now[key]), `${path}.${key}`);
      });
  }
  if (Array.isArray(before) && Array.isArray(now) && before.length === now.length) {
    return before.flatMap((item, index) => changesOf(item, now[index], `${path}[${index}]`));
  }
  return Object.is(before, now) ? [] : [`${path} was ${shown(before)} and is ${shown(now)}`];
}

/** A new field that is required shows up as a change of `required`. */
function changesOfFields(before: unknown, now: unknown, path: string): readonly string[] {
  if (!isRecord(before)) return [];
  const fieldsNow = isRecord(now) ? now : {};
  return Object.keys(before).flatMap((field) =>
    Object.hasOwn(fieldsNow, field)
      ? changesOf(before[field], fieldsNow[field], `${path}.${field}`)
      : [`${path}.${field} was removed`],
  );
}

function sorted(names: unknown): unknown {
  return Array.isArray(names) ? names.toSorted() : names;
}

function keysOf(a: object, b: object): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}
