import { readdirSync, readFileSync } from 'node:fs';
import { ContractViolationError, type EventContract, type StoredEvent } from '@headrace/event-schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shopContracts, shopRegistry } from '../registry.ts';
import { MAX_ITEM_QUANTITY } from './contracts.ts';
import { orderIdSchema, orderStream } from './order-stream.ts';

interface Golden {
  readonly type: string;
  readonly version: number;
  readonly stored: unknown;
  readonly newest: unknown;
}

const folder = new URL('../../golden/', import.meta.url);
const goldenName = (type: string, version: number) => `${type}.v${version}.golden.json`;
const readGolden = (name: string): Golden => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));

const everyVersion = shopContracts.flatMap((contract) =>
  contract.versions.map((_, index) => ({ contract, type: contract.type, version: index + 1 })),
);

function stored(type: string, schemaVersion: number, data: unknown): StoredEvent {
  const position = '0-1732150000000-0';
  return {
    position,
    stream: 'order:1',
    version: 1,
    type,
    schemaVersion,
    data: JSON.stringify(data),
    meta: '{}',
  };
}

function schemaOf(contract: EventContract, version: number) {
  const found = contract.versions[version - 1];
  if (found === undefined) throw new Error(`${contract.type} has no version ${version}`);
  return found.schema;
}

describe('golden files', () => {
  it('exist for every version of every type, and for nothing else', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.golden.json'));
    const expected = everyVersion.map(({ type, version }) => goldenName(type, version));
    expect(files.toSorted()).toEqual(expected.toSorted());
  });

  it.each(everyVersion)(
    '$type version $version reads as it did when it was written',
    ({ contract, type, version }) => {
      const golden = readGolden(goldenName(type, version));
      expect(golden).toMatchObject({ type, version });
      expect(schemaOf(contract, version).safeParse(golden.stored).error).toBeUndefined();

      const envelope = shopRegistry.decode(stored(type, version, golden.stored));

      expect(envelope.unreadable).toBeUndefined();
      expect(envelope.schemaVersion).toBe(contract.versions.length);
      expect(envelope.data).toStrictEqual(golden.newest);
      expect(contract.schema.safeParse(envelope.data).error).toBeUndefined();
    },
  );

  it.each(everyVersion)(
    '$type version $version is not upcast a second time',
    ({ contract, type, version }) => {
      const { newest } = readGolden(goldenName(type, version));
      const again = shopRegistry.decode(stored(type, contract.versions.length, newest));
      expect(again.data).toStrictEqual(newest);
    },
  );
});

describe('upcasting OrderPlaced', () => {
  const item = fc.record(
    {
      id: fc.string({ minLength: 1, maxLength: 200 }),
      name: fc.string({ minLength: 1, maxLength: 200 }),
      quantity: fc.integer({ min: 1, max: MAX_ITEM_QUANTITY }),
      price: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
    },
    { requiredKeys: ['id', 'name'] },
  );
  const v1 = fc.record({
    orderId: fc
      .stringMatching(/^[A-Za-z0-9:_\-./@~]{1,200}$/)
      .filter((id) => orderIdSchema.safeParse(id).success),
    userId: fc.string({ minLength: 1, maxLength: 200 }),
    items: fc.array(item, { maxLength: 5 }),
    amount: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
  });
  const v2 = v1.chain((data) =>
    fc.constantFrom('USD', 'JPY', 'KWD', 'UYW').map((currency) => ({ ...data, currency })),
  );
  const contract = shopRegistry.contractOf('OrderPlaced');

  it.each([
    { version: 1, data: v1 },
    { version: 2, data: v2 },
  ])('carries everything that version $version accepts to the newest version', ({ version, data }) => {
    fc.assert(
      fc.property(data, (written) => {
        shopRegistry.accept(orderStream(written.orderId), 'OrderPlaced', written, version);
        const { data: newest, unreadable } = shopRegistry.decode(stored('OrderPlaced', version, written));
        expect(unreadable).toBeUndefined();
        expect(contract?.schema.safeParse(newest).error).toBeUndefined();
      }),
    );
  });
});

describe('writing', () => {
  const placed = readGolden(goldenName('OrderPlaced', 3)).stored as Record<string, unknown>;
  const STREAM = orderStream(String(placed['orderId']));
  const accept = (changes: Record<string, unknown>) => () =>
    shopRegistry.accept(STREAM, 'OrderPlaced', { ...placed, ...changes });

  it.each([
    ['a field that the contract does not have', { discount: 5 }],
    [
      'a field inside an item that the contract does not have',
      { items: [{ id: 'a', name: 'A', quantity: 1, sku: 1 }] },
    ],
    ['money as a decimal number', { amount: 99.99 }],
    ['fractions of a minor unit', { amount: { minor: 99.5, currency: 'USD' } }],
    ['an unknown currency', { amount: { minor: 1, currency: 'XYZ' } }],
    ['a negative amount', { amount: { minor: -1, currency: 'USD' } }],
    ['two mail addresses in one', { email: 'a@example.com,b@example.com' }],
    ['a NUL in a text', { userId: 'a\0b' }],
    ['half of a surrogate pair', { userId: 'a\ud800' }],
    ['a mail header', { email: 'a@example.com\r\nBcc: b@example.com' }],
    ['an order id that makes no stream name', { orderId: 'a b' }],
    ['the id of another order', { orderId: 'another' }],
    ['the name of its stream for an id', { orderId: STREAM }],
    ['an id that no URL can hold', { orderId: '..' }],
    ['a field that holds undefined', { email: undefined }],
    ['unbounded text', { userId: 'x'.repeat(201) }],
  ])('refuses %s', (_, changes) => {
    expect(accept(changes)).toThrow(ContractViolationError);
  });

  it('accepts what satisfies the contract, unchanged', () => {
    expect(accept({})()).toEqual({ type: 'OrderPlaced', schemaVersion: 3, data: placed });
  });
});
