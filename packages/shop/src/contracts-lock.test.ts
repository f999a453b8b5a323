import { readFileSync } from 'node:fs';
import {
  type ContractDescriptions,
  compareContracts,
  defineEvent,
  describeContracts,
} from '@headrace/event-schema';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { shopContracts } from './registry.ts';

const lockFile = new URL('../golden/contracts.lock.json', import.meta.url);
const locked: ContractDescriptions = JSON.parse(readFileSync(lockFile, 'utf8'));

describe('the lock', () => {
  it('finds the contracts of this repository unchanged', () => {
    expect(compareContracts(locked, describeContracts(shopContracts))).toEqual([]);
  });

  it('holds all that is in the contracts; if not, run the script "lock"', () => {
    expect(locked).toEqual(describeContracts(shopContracts));
  });

  it('names type and version when a contract of this repository is mutated', () => {
    const single = shopContracts.find(({ versions }) => versions.length === 1);
    if (single === undefined) throw new Error('every contract has several versions');
    const mutated = shopContracts.map((contract) =>
      contract === single ? defineEvent({ ...single, schema: z.strictObject({}) }) : contract,
    );
    const [violation, ...others] = compareContracts(locked, describeContracts(mutated));
    expect(others).toEqual([]);
    expect(violation).toMatchObject({ type: single.type, version: 1, reason: 'schema-changed' });
    expect(violation?.message).toContain(`${single.type} version 1 changed: data.orderId was removed`);
  });

  it('sees any single field of any version of any type disappear', () => {
    for (const [type, { category, versions }] of Object.entries(locked)) {
      for (const [version, schema] of Object.entries(versions)) {
        const fields = schema['properties'] as Record<string, unknown>;
        for (const field of Object.keys(fields)) {
          const { [field]: _, ...rest } = fields;
          const mutated = { ...versions, [version]: { ...schema, properties: rest } };
          const found = compareContracts(locked, { ...locked, [type]: { category, versions: mutated } });
          expect(found).toMatchObject([{ type, version: Number(version), reason: 'schema-changed' }]);
        }
      }
    }
  });
});
