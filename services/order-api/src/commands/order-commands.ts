import { type CommandKind, commandKind, type DecidedCommands } from '@headrace/consumer';

import { cancelOrder, type OrderState, refundOrder } from '@headrace/shop';
import type { OrderCommand } from '../domain/orders/commands.ts';
import { orderDecider } from '../domain/orders/decide.ts';
import { orderAnswer } from '../presentation/order-answer.ts';

/** The rules of orders, for commands as their contracts have them. */
const decided = <Data>(toCommand: (data: Data) => OrderCommand) => ({
  ...orderDecider,
  decide: ({ data }: { readonly data: Data }, state: OrderState | null) =>
    orderDecider.decide(toCommand(data), state),
});

const kinds: readonly CommandKind<OrderState | null>[] = [
  commandKind(
    refundOrder,
    decided((data) => ({ type: 'RefundOrder', ...data })),
  ),
  commandKind(
    cancelOrder,
    decided((data) => ({ type: 'CancelOrder', ...data })),
  ),
];

/** The order commands that other services send durably. */
export const orderCommands: DecidedCommands<OrderState | null> = {
  kinds,
  requestOf: ({ type, data }) => ({ actor: 'durable-commands', route: type, request: data }),
  resultOf: orderAnswer,
};
