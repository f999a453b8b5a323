export { ACCOUNT_CATEGORY, accountIdSchema, accountStream } from './accounts/accounts.ts';
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
export type { AggregateRules } from './aggregates.ts';
export type { AsyncApiDocument, AsyncApiInfo, AsyncApiMessage } from './asyncapi.ts';
export { asyncApiOf } from './asyncapi.ts';
export { EARLIEST_TIME_MS, isBusinessTime, LATEST_TIME_MS } from './business-time.ts';
export type { CommandContract, CommandOf } from './command-contract.ts';
export { defineCommand } from './command-contract.ts';
export type { ContractVersion, DataOf, EventContract, EventOf, Upcaster } from './contract.ts';
export { defineEvent, nextVersion } from './contract.ts';
export type { LockViolation } from './contracts-lock.ts';
export { compareContracts } from './contracts-lock.ts';
export { exponentOf, isCurrency } from './currencies.ts';
export type { Decider, DomainEvent, Fold, FoldContext } from './decider.ts';
export type { Defined } from './defined.ts';
export { definedOnly } from './defined.ts';
export type { EventEnvelope, EventMeta, StoredEvent, UnreadableReason } from './envelope.ts';
export { type JsonFault, jsonFault, MAX_JSON_DEPTH } from './exact-json.ts';
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
export { headraceContracts, headraceRegistry } from './headrace-registry.ts';
export type { AnyHistory, History } from './history.ts';
export { anyHistory } from './history.ts';
export type {
  ContractDescription,
  ContractDescriptions,
  JsonSchema,
  JsonSchemaDialect,
} from './json-schema.ts';
export { describeContracts, jsonSchemaOf } from './json-schema.ts';
export { isMailAddress } from './mail-address.ts';
export type { Money } from './money.ts';
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
} from './money.ts';
export { currenciesIn, type NamedCurrency } from './one-currency.ts';
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
export { ORDER_CATEGORY, orderIdSchema, orderStream } from './orders/orders.ts';
export type { OrderState, OrderStatus } from './orders/state.ts';
export { orderFold } from './orders/state.ts';
export type { Position } from './position.ts';
export {
  compareEntryIds,
  comparePositions,
  entryIdOf,
  formatPosition,
  InvalidPositionError,
  isPosition,
  parsePosition,
  partitionOfPosition,
  recordedMsOf,
} from './position.ts';
export type { AcceptedEvent, ContractIssue, EventRegistry } from './registry.ts';
export { CategoryMismatchError, ContractViolationError, createRegistry } from './registry.ts';
export {
  assertStreamName,
  canonicalId,
  categoryOfStream,
  fitsIntoPath,
  InvalidStreamNameError,
  isStreamName,
  streamOf,
} from './stream-name.ts';
export type { Timeline } from './timeline.ts';
export { TIMELINES } from './timeline.ts';
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
export { USER_CATEGORY, userIdSchema, userStream } from './users/users.ts';
