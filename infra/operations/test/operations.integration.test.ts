import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventStore, openEventStore } from '@headrace/event-store';
import { shopRegistry } from '@headrace/shop';
import { useRedis } from '@headrace/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseOperation } from '../src/options.ts';

const { url, prefix } = useRedis();
let store: EventStore;
let folder: string;

beforeAll(async () => {
  store = await openEventStore({
    redisUrl: url,
    prefix,
    partitions: 2,
    registry: shopRegistry,
    durability: 'memory',
  });
  folder = await mkdtemp(join(tmpdir(), 'headrace-operations-'));
});
afterAll(async () => {
  await store?.close();
  await rm(folder, { recursive: true, force: true });
});

async function output(
  ...args: readonly string[]
): Promise<{ readonly isWell: boolean; readonly lines: string[] }> {
  const operation = parseOperation(args);
  const lines: string[] = [];
  const isWell = await operation(store, (line) => lines.push(line));
  return { isWell, lines };
}

const v1 = { orderId: 'old-1', userId: 'ann', items: [{ id: 'a', name: 'A' }], amount: 99.99 };

describe('npm run log', () => {
  it('imports a file, and again without storing anything twice', async () => {
    const file = join(folder, 'orders.ndjson');
    const occurredAt = '2024-01-15T10:00:00.000Z';
    const line = JSON.stringify({
      stream: 'order:old-1',
      type: 'OrderPlaced',
      schemaVersion: 1,
      data: v1,
      occurredAt,
    });
    await writeFile(file, `${line}\n\n`);
    expect(await output('import', file)).toEqual({
      isWell: true,
      lines: [`1 event imported as "${file}"`],
    });
    expect((await output('import', file)).lines).toEqual([
      `1 event imported as "${file}", 1 of them by an earlier run`,
    ]);
    expect(await store.streamVersion('order:old-1')).toBe(1);
  });

  it('takes files of one name in two folders for two imports', async () => {
    const text = `${JSON.stringify({ stream: 'note:twice', type: 'Noted', data: {} })}\n`;
    for (const where of ['one', 'two']) {
      await mkdir(join(folder, where));
      await writeFile(join(folder, where, 'notes.ndjson'), text);
      await output('import', join(folder, where, 'notes.ndjson'));
    }
    expect(await store.streamVersion('note:twice')).toBe(2);
    // the same one, under a name of its own
    const [first, again] = [join(folder, 'one', 'notes.ndjson'), join(folder, 'two', 'notes.ndjson')];
    expect((await output('import', first, '--id', 'notes')).lines).toEqual(['1 event imported as "notes"']);
    expect((await output('import', again, '--id', 'notes')).lines[0]).toContain(
      '1 of them by an earlier run',
    );
    expect(await store.streamVersion('note:twice')).toBe(3);
  });

  it('says where index and log differ, and mends the index', async () => {
    const stream = 'order:by-hand';
    const partition = store.keys.partitionOf(stream);
    const fields = {
      stream,
      version: '1',
      type: 'OrderPlaced',
      schema: '1',
      data: JSON.stringify(v1),
      meta: '{}',
    };
    await store.redis.xadd(store.keys.log(partition), '*', ...Object.entries(fields).flat());
    const before = await output('verify', '--partition', String(partition));
    expect(before.isWell).toBe(false);
    expect(before.lines[0]).toContain('NOT in order');
    expect((await output('rebuild-index')).isWell).toBe(true);
    expect((await output('verify')).isWell).toBe(true);
    expect(await store.streamVersion(stream)).toBe(1);
  });

  it('begins with a log in the place of one that a service misses', async () => {
    expect((await output('adopt')).lines[0]).toContain('no service misses another log');
    await expect(store.requireKnownLog({ id: 'the-old-one', since: '2020-01-01' })).rejects.toThrow(
      'npm run log',
    );
    expect((await output('adopt')).lines[0]).toBe(
      `log ${store.logId()} stands in the place of the-old-one from now on`,
    );
    expect(await store.requireKnownLog({ id: 'the-old-one', since: '2020-01-01' })).toBe(store.logId());
  });

  it.each([
    [['levitate'], "unknown command 'levitate'"],
    [['import'], "missing required argument 'file'"],
    [
      ['verify', '--partition', 'x'],
      "option '--partition <n>' argument 'x' is invalid. It must be a whole number",
    ],
    [['verify', '--partition', '7'], 'There is no partition 7; the log has 2.'],
    [['verify', '--what'], "unknown option '--what'"],
  ])('refuses %j', async (args, message) => {
    await expect((async () => await output(...args))()).rejects.toThrow(message);
  });

  it.each([
    ['a line separator', 'a\u2028b'],
    ['a paragraph separator', 'a\u2029b'],
    ['a next line', 'a\u0085b'],
    ['text in many bytes', '😀'.repeat(30_000)],
  ])('imports a line that holds %s, as it is', async (what, text) => {
    const stream = `note:${what.replaceAll(' ', '-')}`;
    const file = join(folder, `${stream}.ndjson`);
    await writeFile(file, `\ufeff${JSON.stringify({ stream, type: 'Noted', data: { text } })}\r\n`);
    await output('import', file);
    const stored: unknown[] = [];
    for await (const { data } of store.readStream(stream)) stored.push(data);
    expect(stored).toEqual([{ text }]);
  });

  it.each<[string, object, string]>([
    ['pays in another currency', { amount: { minor: 9999, currency: 'EUR' } }, 'amount.currency: is EUR'],
    ['is about another order', { orderId: 'old-8' }, 'orderId: "old-8" leads to stream "order:old-8"'],
    ['has an address that is none', { email: 'a..b@example.com' }, 'email: is not a mail address'],
  ])('imports no event that %s', async (what, change, message) => {
    const stream = `order:${what.replaceAll(' ', '-')}`;
    const orderId = stream.slice('order:'.length);
    const placed = { stream, type: 'OrderPlaced', schemaVersion: 1, data: { ...v1, orderId } };
    const money = {
      amount: { minor: 9999, currency: 'USD' },
      paymentMethod: 'card',
      paymentTerms: 'prepaid',
    };
    const paid = { stream, type: 'PaymentReceived', data: { orderId, userId: 'ann', ...money, ...change } };
    const file = join(folder, `${orderId}.ndjson`);
    await writeFile(file, `${JSON.stringify(placed)}\n${JSON.stringify(paid)}\n`);
    await expect(output('import', file)).rejects.toThrow(`line 2: data of PaymentReceived does not satisfy`);
    await expect(output('import', file)).rejects.toThrow(message);
    expect(await store.streamVersion(stream)).toBe(1);
  });

  it.each([
    [
      'a payment of another amount',
      { amount: { minor: 1, currency: 'USD' } },
      'the order is about 9999 minor',
    ],
    ['a payment whose method is no text', { paymentMethod: 5 }, 'paymentMethod: Invalid input'],
  ])('stores %s under its id once it is mended', async (what, wrong, message) => {
    const orderId = what.replaceAll(' ', '-');
    const stream = `order:${orderId}`;
    const placed = {
      stream,
      type: 'OrderPlaced',
      schemaVersion: 1,
      data: { ...v1, orderId },
      id: `${orderId}-1`,
    };
    const right = {
      amount: { minor: 9999, currency: 'USD' },
      paymentMethod: 'card',
      paymentTerms: 'prepaid',
    };
    const paid = (change: object): object => ({
      ...{ stream, type: 'PaymentReceived', id: `${orderId}-2` },
      data: { orderId, userId: 'ann', ...right, ...change },
    });
    const file = join(folder, `${orderId}.ndjson`);
    const write = async (...lines: object[]): Promise<void> =>
      await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await write(placed, paid(wrong), paid({}));
    await expect(output('import', file)).rejects.toThrow('line 2: ');
    await expect(output('import', file)).rejects.toThrow(message);
    await write(placed, paid({}));
    expect((await output('import', file)).isWell).toBe(true);
    expect(await store.streamVersion(stream)).toBe(2);
  });

  it.each([
    [
      'two events between carriage returns',
      Buffer.from('{"stream":"note:cr"}\r{"stream":"note:cr"}\r'),
      'line 1: is not JSON',
    ],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d, 0x0a]), 'is not UTF-8'],
    [
      'a number that no double holds',
      Buffer.from('{"stream":"note:n","type":"Noted","data":{"x":12345678901234567890,"y":1}}'),
      'line 1: data.x is a number that cannot be kept as it is',
    ],
  ])('refuses %s, and stores nothing', async (what, bytes, message) => {
    const file = join(folder, `${what.replaceAll(' ', '-')}.ndjson`);
    await writeFile(file, bytes);
    await expect(output('import', file)).rejects.toThrow(message);
    for (const stream of ['note:cr', 'note:n']) expect(await store.streamVersion(stream)).toBe(0);
  });
});
