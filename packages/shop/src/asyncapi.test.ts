import { asyncApiOf } from '@headrace/event-schema';
import { describe, expect, it } from 'vitest';
import { shopContracts } from './registry.ts';

// A structural check against the AsyncAPI 3.0 specification: required members, and no reference into the void.

const document = asyncApiOf(shopContracts, { title: 'Headrace events', version: '1.2.3' });

function referencesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : referencesIn(inner),
  );
}

function resolve(reference: string): unknown {
  return reference
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
}

describe('the AsyncAPI document', () => {
  it('has what version 3.0 requires', () => {
    expect(document).toMatchObject({
      asyncapi: '3.0.0',
      info: { title: 'Headrace events', version: '1.2.3' },
      operations: { appendEvents: { action: 'send' }, consumeEvents: { action: 'receive' } },
    });
  });

  it('has a message with a payload for every event type', () => {
    const types = shopContracts.map(({ type }) => type).toSorted();
    expect(Object.keys(document.components.messages)).toEqual(types);
    expect(Object.keys(document.channels['log']?.['messages'] as object)).toEqual(types);
    for (const type of types) {
      expect(document.components.schemas[type]).toMatchObject({
        type: 'object',
        additionalProperties: false,
      });
    }
  });

  it('shows the newest version', () => {
    expect(document.components.messages['OrderPlaced']?.title).toBe('OrderPlaced, version 3');
    expect(document.components.schemas['OrderPlaced']).toMatchObject({
      properties: { paymentTerms: { enum: ['prepaid', 'on_account'] } },
    });
  });

  it('refers only to what it contains', () => {
    const references = referencesIn(document);
    expect(references.length).toBeGreaterThan(shopContracts.length * 3);
    for (const reference of references) expect(resolve(reference), reference).toBeDefined();
  });

  it('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(document))).toStrictEqual(document);
  });
});
