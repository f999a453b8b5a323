import {
  type CommandHandler,
  type CommandOutcome,
  type Consumer,
  type ConsumerOptions,
  createCommandConsumer,
  type ReceivedCommand,
} from '@headrace/consumer';
import type { CommandContract } from '@headrace/event-schema';
import { COMMAND_KEPT_S, type EventStore } from '@headrace/event-store';
import {
  AmountOutOfRangeError,
  cancelOrder,
  type DurableOrderCommandType,
  ORDER_CATEGORY,
  refundOrder,
} from '@headrace/shop';
import type { OrderCommand } from '../domain/orders/commands.ts';
import { orderDecider } from '../domain/orders/decide.ts';
import { OrderError } from '../domain/orders/errors.ts';
import { orderAnswer } from '../presentation/order-answer.ts';

/** A day longer than the command itself, so that no late redelivery can execute it a second time. */
const RECEIPT_KEPT_S = COMMAND_KEPT_S + 86_400;
const INVALID_COMMAND = 'INVALID_COMMAND';

/** Executes the durable commands of category `order`, in order for each order, each once. */
export function createOrderCommandConsumer(options: Omit<ConsumerOptions, 'group'>): Consumer {
  const handlers = orderCommandHandlers(options.store);
  return createCommandConsumer({ ...options, category: ORDER_CATEGORY, handlers });
}

/** By command type. A refusal is an outcome, with the refusal's code; whatever else goes wrong is thrown. */
export function orderCommandHandlers(
  store: EventStore,
): Readonly<Record<DurableOrderCommandType, CommandHandler>> {
  return {
    RefundOrder: handlerOf(store, refundOrder, (data) => ({ type: 'RefundOrder', ...data })),
    CancelOrder: handlerOf(store, cancelOrder, (data) => ({ type: 'CancelOrder', ...data })),
  };
}

function handlerOf<Type extends string, Data>(
  store: EventStore,
  contract: CommandContract<Type, Data>,
  toCommand: (data: Data) => OrderCommand,
): CommandHandler {
  return async (received) => {
    const parsed = contract.schema.safeParse(received.data);
    if (!parsed.success) return failed(INVALID_COMMAND, `data is not that of ${contract.type}`);
    // it waited in the line of the stream that it was sent to, so it may change no other
    if (contract.streamOf(parsed.data) !== received.stream) {
      return failed(INVALID_COMMAND, `the command was sent to stream ${received.stream}, not to its order's`);
    }
    return await execute(store, received, toCommand(parsed.data));
  };
}

async function execute(
  store: EventStore,
  { commandId, type, stream, data, meta }: ReceivedCommand,
  command: OrderCommand,
): Promise<CommandOutcome> {
  const idempotency = {
    key: commandId,
    actor: 'durable-commands',
    route: type,
    request: data,
    ttlS: RECEIPT_KEPT_S,
  };
  try {
    const result = await store.handle(orderDecider, stream, command, { ...meta, commandId, idempotency });
    return { status: 'completed', result: orderAnswer(result) };
  } catch (error) {
    if (error instanceof OrderError || error instanceof AmountOutOfRangeError) {
      return failed(error.code, error.message);
    }
    throw error;
  }
}

function failed(code: string, message: string): CommandOutcome {
  return { status: 'failed', error: { code, message } };
}
