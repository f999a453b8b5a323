import { describe, expect, it } from 'vitest';
import { COMMAND_KEPT_S } from '../../src/index.ts';
import { failureOf, keyed, newStream, type OpenStore, useStore } from './tools.ts';

export function recordedCommandContract(openStore: OpenStore): void {
  describe('commands executed while their sender waited', () => {
    const store = useStore(openStore);
    const ending = (commandId: string, stream: string, status: 'completed' | 'failed', result: object) => ({
      commandId,
      stream,
      status,
      result,
      type: 'CloseCounter',
      request: { why: 'done' },
    });
    const keyOf = (stream: string, commandId: string) =>
      store().keys.command(store().keys.partitionOf(stream), commandId);

    it.each([
      ['completed', { eventId: '0-1-0' }],
      ['failed', { code: 'NO', message: 'no' }],
    ] as const)('are remembered as %s for as long as others', async (status, result) => {
      const stream = newStream();
      const commandId = store().newCommandId(stream);
      await store().recordCommand(ending(commandId, stream, status, result));
      const known = await store().commandStatus(commandId);
      expect(known).toMatchObject({ commandId, status, type: 'CloseCounter', stream, result });
      expect(known?.updatedAt).toBe(known?.createdAt);
      const ttl = await store().redis.ttl(keyOf(stream, commandId));
      expect(ttl).toBeGreaterThan(COMMAND_KEPT_S - 60);
      expect(ttl).toBeLessThanOrEqual(COMMAND_KEPT_S);
    });

    it('stay completed, and stay refused only until a later try succeeds', async () => {
      const stream = newStream();
      const commandId = store().newCommandId(stream, keyed('k'));
      const statuses: unknown[] = [];
      for (const [status, result] of [
        ['failed', { code: 'FIRST' }],
        ['failed', { code: 'SECOND' }],
        ['completed', { eventId: '0-1-0' }],
        ['failed', { code: 'THIRD' }],
        ['completed', { eventId: '0-2-0' }],
      ] as const) {
        await store().recordCommand(ending(commandId, stream, status, result));
        statuses.push((await store().commandStatus(commandId))?.result);
      }
      const completed = { eventId: '0-1-0' };
      expect(statuses).toEqual([{ code: 'FIRST' }, { code: 'SECOND' }, completed, completed, completed]);
    });

    it('do not fail what is still on a queue', async () => {
      const stream = newStream();
      const commandId = store().newCommandId(stream, keyed('k'));
      const command = { commandId, stream, type: 'CloseCounter', category: 'counter', data: {} };
      await store().sendCommand({ ...command, request: { why: 'done' } });
      await store().recordCommand(ending(commandId, stream, 'failed', { code: 'NO' }));
      expect(await store().commandStatus(commandId)).toMatchObject({ status: 'pending' });
      await store().recordCommand(ending(commandId, stream, 'completed', { eventId: '0-1-0' }));
      expect(await store().commandStatus(commandId)).toMatchObject({ status: 'completed' });
    });

    it('are not queued afterwards under the same id, and not with another request', async () => {
      const stream = newStream();
      const commandId = store().newCommandId(stream, keyed('k'));
      await store().recordCommand(ending(commandId, stream, 'completed', {}));
      const command = { commandId, stream, type: 'CloseCounter', category: 'recorded', data: {} };
      const repeat = await store().sendCommand({ ...command, request: { why: 'done' } });
      expect(repeat).toEqual({ commandId, repeated: true });
      const other = store().sendCommand({ ...command, request: { why: 'other' } });
      expect(await failureOf(other)).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
      const queue = store().keys.commandQueue(store().keys.partitionOf(stream), 'recorded');
      expect(await store().redis.xlen(queue)).toBe(0);
    });
  });
}
