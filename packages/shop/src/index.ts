export { ACCOUNT_CATEGORY, accountIdSchema, accountStream } from './accounts/account-stream.ts';
export type { AccountCommand } from './accounts/commands.ts';
export {
  accountCommandContracts,
  closeAccount,
  deposit,
  openAccount,
  withdraw,
} from './accounts/commands.ts';
export type {
  AccountClosed,
  AccountEvent,
  AccountOpened,
  MoneyDeposited,
  MoneyWithdrawn,
} from './accounts/contracts.ts';
export {
  accountClosed,
  accountContracts,
  accountOpened,
  moneyDeposited,
  moneyWithdrawn,
} from './accounts/contracts.ts';
export { accountHistory } from './accounts/history.ts';
export type { AccountState } from './accounts/state.ts';
export { accountFold } from './accounts/state.ts';
export type { AccountView } from './accounts/view.ts';
export { accountStatusSchema, accountView } from './accounts/view.ts';
export {
  aggregateIdSchema,
  currencySchema,
  emailSchema,
  foreignIdSchema,
  moneySchema,
  nameSchema,
  sumSchema,
  textSchema,
} from './fields.ts';
export { isMailAddress } from './mail-address.ts';
export { exponentOf, isCurrency } from './money/currencies.ts';
export { currencyIn, knownCurrency, withDecimals } from './money/decimals.ts';
export type { Money } from './money/money.ts';
export {
  AmountOutOfRangeError,
  addMoney,
  equalMoney,
  MAX_MINOR,
  multiplyMoney,
  subtractMoney,
  sumToDecimal,
  TooManyDecimalsError,
  toDecimal,
  toDecimalText,
  toMinor,
  toMinorRounded,
  UnknownCurrencyError,
  zero,
} from './money/money.ts';
export type {
  CancelOrder,
  DurableOrderCommand,
  DurableOrderCommandType,
  RefundOrder,
} from './orders/commands.ts';
export { cancelOrder, orderCommandContracts, refundOrder } from './orders/commands.ts';
export type {
  OrderCancelled,
  OrderConfirmed,
  OrderCreated,
  OrderDelivered,
  OrderEvent,
  OrderItem,
  OrderItemAdded,
  OrderItemRemoved,
  OrderPlaced,
  OrderRefunded,
  OrderShipped,
  PaymentReceived,
  PaymentTerms,
} from './orders/contracts.ts';
export {
  MAX_ITEM_QUANTITY,
  MAX_ORDER_ITEMS,
  orderCancelled,
  orderConfirmed,
  orderContracts,
  orderCreated,
  orderDelivered,
  orderItemAdded,
  orderItemRemoved,
  orderItemSchema,
  orderPlaced,
  orderRefunded,
  orderShipped,
  paymentReceived,
  paymentTermsSchema,
} from './orders/contracts.ts';
export { orderHistory } from './orders/history.ts';
export { ORDER_CATEGORY, orderIdSchema, orderStream } from './orders/order-stream.ts';
export type { OrderState, OrderStatus } from './orders/state.ts';
export { orderFold } from './orders/state.ts';
export type { OrderView } from './orders/view.ts';
export { orderStatusSchema, orderView } from './orders/view.ts';
export { shopContracts, shopRegistry, shopRules } from './registry.ts';
export type { UserCommand } from './users/commands.ts';
export { createUser, deleteUser, updateUser, userCommandContracts } from './users/commands.ts';
export type { UserCreated, UserDeleted, UserEvent, UserProfile, UserUpdated } from './users/contracts.ts';
export {
  userAttributesSchema,
  userContracts,
  userCreated,
  userDeleted,
  userProfileSchema,
  userUpdated,
} from './users/contracts.ts';
export type { UserState } from './users/state.ts';
export { userFold } from './users/state.ts';
export { USER_CATEGORY, userIdSchema, userStream } from './users/user-stream.ts';
export type { UserView } from './users/view.ts';
export { userStatusSchema, userView } from './users/view.ts';
