import { describe, expect, it } from 'vitest';
import { failureOf, keyed, newStream, type OpenStore, useStore } from './tools.ts';

export function commandContract(openStore: OpenStore): void {
  describe('durable commands', () => {
    const store = useStore(openStore);
    const refund = (stream: string, key?: string) => ({
      type: 'CloseCounter',
      category: 'counter',
      stream,
      data: { why: 'done' },
      meta: { correlationId: 'r1', cause: '0-1-1' },
      ...(key === undefined ? {} : { key }),
    });

    it('are queued once for each key', async () => {
      const stream = newStream();
      const partition = store().keys.partitionOf(stream);
      const queue = store().keys.commandQueue(partition, 'counter');
      const before = await store().redis.xlen(queue);
      const sent = await Promise.all(
        Array.from({ length: 10 }, () => store().sendCommand(refund(stream, 'e1'))),
      );
      expect(new Set(sent.map(({ commandId }) => commandId)).size).toBe(1);
      expect(sent.filter(({ repeated }) => !repeated)).toHaveLength(1);
      expect(await store().redis.xlen(queue)).toBe(before + 1);
      const [entry] = await store().redis.xrevrange(queue, '+', '-', 'COUNT', 1);
      const commandId = sent[0]?.commandId ?? '';
      expect(commandId).toMatch(new RegExp(`^${partition}-[0-9a-f-]{36}$`));
      expect(entry?.[1]).toEqual([
        ...['id', commandId, 'type', 'CloseCounter', 'stream', stream],
        ...['data', '{"why":"done"}', 'meta', '{"correlationId":"r1","cause":"0-1-1"}'],
      ]);
    });

    it('are new ones without a key', async () => {
      const stream = newStream();
      const one = await store().sendCommand(refund(stream));
      const two = await store().sendCommand(refund(stream));
      expect(one.commandId).not.toBe(two.commandId);
      expect([one.repeated, two.repeated]).toEqual([false, false]);
    });

    it('have a status from the start', async () => {
      const stream = newStream();
      const { commandId } = await store().sendCommand(refund(stream, 'e2'));
      const status = await store().commandStatus(commandId);
      expect(status).toMatchObject({ commandId, status: 'pending', type: 'CloseCounter', stream });
      expect(Math.abs(Date.parse(status?.createdAt ?? '') - Date.now())).toBeLessThan(60_000);
      const key = store().keys.command(store().keys.partitionOf(stream), commandId);
      await store().redis.hset(key, {
        status: 'failed',
        updatedAt: '1700000000000',
        result: '{"code":"NO"}',
      });
      expect(await store().commandStatus(commandId)).toMatchObject({
        status: 'failed',
        updatedAt: '2023-11-14T22:13:20.000Z',
        result: { code: 'NO' },
      });
    });

    it('take an id of the sender’s, and refuse it for another request', async () => {
      const stream = newStream();
      const commandId = store().newCommandId(stream, keyed('c1'));
      const sending = { ...refund(stream), commandId, request: { a: 1, b: 2 } };
      expect(await store().sendCommand(sending)).toEqual({ commandId, repeated: false });
      const again = { ...sending, type: 'OpenCounter', request: { b: 2, a: 1 } };
      expect(await store().sendCommand(again)).toEqual({ commandId, repeated: true });
      const other = store().sendCommand({ ...sending, request: { a: 2 } });
      expect(await failureOf(other)).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED', stream });
      expect(await store().commandStatus(commandId)).toMatchObject({ type: 'CloseCounter' });
    });

    it('have ids that only their key decides', () => {
      const stream = newStream();
      const first = store().newCommandId(stream, keyed('c1', { by: 1 }));
      expect(store().newCommandId(stream, keyed('c1', { by: 2 }))).toBe(first);
      const others = [
        store().newCommandId(stream, keyed('c2')),
        store().newCommandId(newStream(), keyed('c1')),
        store().newCommandId(stream),
        store().newCommandId(stream),
      ];
      expect(new Set([first, ...others]).size).toBe(5);
      for (const id of [first, ...others]) expect(id).toMatch(/^\d+-[0-9a-f]{8}-[0-9a-f-]{27}$/);
    });

    it('are unknown under any other id', async () => {
      const unknown = '3f1c1a52-5a0c-4f0e-9a5d-6f1f0c0b8e21';
      for (const id of [`0-${unknown}`, `999-${unknown}`, unknown, '', '0-x'])
        expect(await store().commandStatus(id)).toBeNull();
    });

    it('are refused without a stream or data', async () => {
      const nameless = store().sendCommand(refund('a b'));
      expect(await failureOf(nameless)).toMatchObject({ code: 'INVALID_STREAM_NAME' });
      const empty = store().sendCommand({ ...refund(newStream()), data: 'x' });
      expect(await failureOf(empty)).toMatchObject({ code: 'INVALID_APPEND' });
    });
  });
}
