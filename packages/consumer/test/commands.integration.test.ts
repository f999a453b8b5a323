import type { SentCommand } from '@headrace/event-store';
import { eventually } from '@headrace/test-kit';
import { afterEach, describe, expect, it } from 'vitest';
import { type CommandHandler, type Consumer, createCommandConsumer, TransientError } from '../src/index.ts';
import { newOrder, useStore } from './support/orders.ts';

const { store } = useStore();
const running: Consumer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((consumer) => consumer.stop()));
});

function execute(category: string, handlers: Record<string, CommandHandler>): Consumer {
  const consumer = createCommandConsumer({
    onError: () => undefined,
    store: store(),
    category,
    instance: 'executor',
    handlers,
    policy: { retryBaseMs: 5, retryCapMs: 50 },
  });
  running.push(consumer);
  consumer.start();
  return consumer;
}

describe('a command consumer', () => {
  it('executes commands in the order of their stream, keeps what came of them, and empties the queue', async () => {
    const stream = newOrder();
    const seen: unknown[] = [];
    const sent: SentCommand[] = [];
    for (const step of [1, 2, 3]) {
      const meta = { actor: 'ann', correlationId: `c-${step}` };
      sent.push(await store().sendCommand({ type: 'Count', category: 'a', stream, data: { step }, meta }));
    }
    expect(await store().commandStatus(sent[0]?.commandId ?? '')).toMatchObject({ status: 'pending' });
    const consumer = execute('a', {
      Count: async (command) => {
        seen.push([command.data, command.meta.correlationId, command.stream]);
        return { status: 'completed', result: { version: seen.length } };
      },
    });
    await eventually(async () => {
      expect(await store().commandStatus(sent[2]?.commandId ?? '')).toMatchObject({
        status: 'completed',
        result: { version: 3 },
      });
    });
    expect(seen).toEqual([1, 2, 3].map((step) => [{ step }, `c-${step}`, stream]));
    const queue = store().keys.commandQueue(store().keys.partitionOf(stream), 'a');
    await eventually(async () => expect(await store().redis.xlen(queue)).toBe(0));
    const { partitions } = await consumer.admin.status();
    expect(partitions.every(({ lagEvents }) => lagEvents === 0)).toBe(true);
  });

  it('keeps a refusal, and goes on with the stream', async () => {
    const stream = newOrder();
    const refused = await store().sendCommand({ type: 'Pay', category: 'b', stream, data: {} });
    const next = await store().sendCommand({ type: 'Ship', category: 'b', stream, data: {} });
    execute('b', {
      Pay: async () => ({ status: 'failed', error: { code: 'ALREADY_PAID', message: 'it is paid' } }),
      Ship: async () => ({ status: 'completed', result: {} }),
    });
    await eventually(async () => {
      expect(await store().commandStatus(next.commandId)).toMatchObject({ status: 'completed' });
    });
    expect(await store().commandStatus(refused.commandId)).toMatchObject({
      status: 'failed',
      result: { code: 'ALREADY_PAID', message: 'it is paid' },
    });
  });

  it('does not think a refusal over again when its worker died before acknowledging it', async () => {
    const stream = newOrder();
    const refused = await store().sendCommand({ type: 'Pay', category: 'e', stream, data: {} });
    const next = await store().sendCommand({ type: 'Ship', category: 'e', stream, data: {} });
    const key = store().keys.command(store().keys.partitionOf(stream), refused.commandId);
    await store().redis.hset(key, { status: 'failed', result: '{"code":"NOT_PLACED"}' });
    const executed: string[] = [];
    const execution: CommandHandler = async ({ type }) => {
      executed.push(type);
      return { status: 'completed', result: {} };
    };
    execute('e', { Pay: execution, Ship: execution });
    await eventually(async () => {
      expect(await store().commandStatus(next.commandId)).toMatchObject({ status: 'completed' });
    });
    expect(executed).toEqual(['Ship']);
    expect(await store().commandStatus(refused.commandId)).toMatchObject({ status: 'failed' });
  });

  it('tries again what fails for now, and gives up on what always fails, without telling why', async () => {
    const [stream, other] = [newOrder(), newOrder()];
    let failures = 5;
    let attempts = 0;
    const later = await store().sendCommand({ type: 'Later', category: 'c', stream, data: {} });
    const never = await store().sendCommand({ type: 'Never', category: 'c', stream: other, data: {} });
    execute('c', {
      Later: async () => {
        failures -= 1;
        if (failures > 0) throw new TransientError('not now');
        return { status: 'completed', result: {} };
      },
      Never: async () => {
        attempts += 1;
        throw new Error('password=hunter2');
      },
    });
    await eventually(async () => {
      expect(await store().commandStatus(later.commandId)).toMatchObject({ status: 'completed' });
      expect(await store().commandStatus(never.commandId)).toMatchObject({ status: 'failed' });
    });
    expect(attempts).toBe(3);
    expect(JSON.stringify(await store().commandStatus(never.commandId))).not.toContain('hunter2');
  });

  it('fails what nobody can execute', async () => {
    const unknown = await store().sendCommand({
      type: 'Levitate',
      category: 'd',
      stream: newOrder(),
      data: {},
    });
    execute('d', {});
    await eventually(async () => {
      expect(await store().commandStatus(unknown.commandId)).toMatchObject({
        status: 'failed',
        result: { code: 'COMMAND_FAILED', message: 'unknown command type Levitate' },
      });
    });
  });
});
