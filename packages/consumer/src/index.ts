export type { EventHandler } from './acknowledged/event-consumer.ts';
export { createEventConsumer } from './acknowledged/event-consumer.ts';
export type { Delivery } from './acknowledged/inbox.ts';
export type { CommandConsumerOptions, CommandHandler, CommandOutcome } from './commands/command-consumer.ts';
export { createCommandConsumer } from './commands/command-consumer.ts';
export type { CommandKind, CommandKindOptions, PreparedCommand } from './commands/command-kind.ts';
export { COMMAND_RECEIPT_KEPT_S, commandKind } from './commands/command-kind.ts';
export type { DecidedCommands, DecidedCommandsOptions } from './commands/decided-commands.ts';
export { createDecidedCommandConsumers, decidedCommandHandlers } from './commands/decided-commands.ts';
export type { ReceivedCommand } from './commands/received-command.ts';
export type { CommandFailure, Refusal } from './commands/refusal.ts';
export { failureOf, isRefusal } from './commands/refusal.ts';
export type { ParkedPlace } from './delivery/dead-letters.ts';
export type { FailureKind } from './delivery/failures.ts';
export { describe as describeFailure, kindOf, PoisonError, TransientError } from './delivery/failures.ts';
export type { MessageFacts, ParkedReport } from './delivery/message-facts.ts';
export type { DeliveryPolicy } from './delivery/policy.ts';
export { DEFAULT_POLICY } from './delivery/policy.ts';
export { DivergedError } from './delivery/session.ts';
export { FencedError } from './group/lease.ts';
export type { Consumer } from './runtime/consumer.ts';
export type { ConsumerOptions } from './runtime/options.ts';
export type {
  Asker,
  ConsumerAdmin,
  ConsumerStatus,
  ConsumerTotals,
  DeadLetter,
  DeadLetterFilter,
  DeadLetterPage,
  DeadLetterQuery,
  DeadLetterTotals,
  OperatorRequest,
  PartitionState,
  PartitionStatus,
  RequestFilter,
  ResyncAnswer,
  ResyncRequest,
} from './status.ts';
export type { TransactionalConsumerOptions } from './transactional/consumer.ts';
export { createTransactionalConsumer } from './transactional/consumer.ts';
export type { CheckpointEvent } from './transactional/divergence.ts';
export { divergenceOf } from './transactional/divergence.ts';
export type { LogReader } from './transactional/log-reader.ts';
export { createLogReader } from './transactional/log-reader.ts';
export type { TransactionalHandler } from './transactional/session-state.ts';
export type { SharedTransactions } from './transactional/shared-transactions.ts';
export { createSharedTransactions } from './transactional/shared-transactions.ts';
export type {
  Checkpoint,
  Claim,
  Move,
  NewSinkRequest,
  Ownership,
  ParkedEvent,
  PartitionOfGroup,
  ResyncWay,
  SinkRequest,
  Step,
  StoredParkedEvent,
  Suspect,
  Takeover,
  TransactionalSink,
  Work,
} from './transactional/sink.ts';
