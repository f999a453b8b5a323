export type { EventConsumerOptions, EventHandler } from './acknowledged/event-consumer.ts';
export { createEventConsumer } from './acknowledged/event-consumer.ts';
export type { Delivery } from './acknowledged/inbox.ts';
export type {
  Asker,
  ConsumerAdmin,
  OperatorRequest,
  RequestFilter,
  ResyncAnswer,
  ResyncRequest,
} from './admin/consumer-admin.ts';
export type {
  ConsumerStatus,
  ConsumerTotals,
  PartitionState,
  PartitionStatus,
} from './admin/consumer-status.ts';
export type { CommandConsumerOptions, CommandHandler, CommandOutcome } from './commands/command-consumer.ts';
export { createCommandConsumer } from './commands/command-consumer.ts';
export type {
  CommandKind,
  CommandKindOptions,
  CommandRequest,
  PreparedCommand,
} from './commands/command-kind.ts';
export { COMMAND_RECEIPT_KEPT_S, commandKind, commandReceipt } from './commands/command-kind.ts';
export type { DecidedCommands, DecidedCommandsOptions } from './commands/decided-commands.ts';
export { createDecidedCommandConsumers, decidedCommandHandlers } from './commands/decided-commands.ts';
export type { ReceivedCommand } from './commands/received-command.ts';
export type { CommandFailure, Refusal } from './commands/refusal.ts';
export { failureOf, isRefusal } from './commands/refusal.ts';
export type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterPage,
  DeadLetterQuery,
  DeadLetterTotals,
} from './dead-letters/dead-letter.ts';
export type { ParkedEvent, ParkedPlace, StoredParkedEvent } from './dead-letters/parked-event.ts';
export type { DeliveryPolicy } from './delivery/delivery-policy.ts';
export { DEFAULT_POLICY } from './delivery/delivery-policy.ts';
export type { FailureKind } from './delivery/failure-kind.ts';
export { describe as describeFailure, kindOf } from './delivery/failure-kind.ts';
export type { MessageFacts, ParkedReport } from './delivery/message-facts.ts';
export { DivergedError, FencedError, PoisonError, TransientError } from './errors.ts';
export type { Consumer } from './runtime/consumer.ts';
export type { ConsumerOptions } from './runtime/consumer-options.ts';
export type { CheckpointEvent } from './transactional/divergence.ts';
export { divergenceOf } from './transactional/divergence.ts';
export type { LogReader } from './transactional/log-reader.ts';
export { createLogReader } from './transactional/log-reader.ts';
export type { SharedTransactions } from './transactional/shared-transactions.ts';
export { createSharedTransactions } from './transactional/shared-transactions.ts';
export type { TransactionalConsumerOptions } from './transactional/transactional-consumer.ts';
export { createTransactionalConsumer } from './transactional/transactional-consumer.ts';
export type { TransactionalHandler } from './transactional/transactional-handler.ts';
export type {
  Checkpoint,
  Claim,
  Move,
  NewSinkRequest,
  Ownership,
  PartitionOfGroup,
  ResyncWay,
  SinkRequest,
  Step,
  Suspect,
  Takeover,
  TransactionalSink,
  Work,
} from './transactional/transactional-sink.ts';
