export type { AsyncApiDocument, AsyncApiInfo, AsyncApiMessage } from './asyncapi.ts';
export { asyncApiOf } from './asyncapi.ts';
export { EARLIEST_TIME_MS, isBusinessTime, LATEST_TIME_MS } from './business-time.ts';
export type { CategoryRules } from './category-rules.ts';
export type { CommandContract, CommandOf } from './command-contract.ts';
export { defineCommand } from './command-contract.ts';
export type { ContractIssue, ContractVersion, DataOf, EventContract, EventOf, Upcaster } from './contract.ts';
export { defineEvent, nextVersion } from './contract.ts';
export { CategoryMismatchError, ContractViolationError, UnregisteredTypeError } from './contract-errors.ts';
export type { LockViolation } from './contracts-lock.ts';
export { compareContracts } from './contracts-lock.ts';
export type { Decider, DomainEvent, Fold, FoldContext } from './decider.ts';
export { assertFoldCategory, unhandled } from './decider.ts';
export type { Defined } from './defined-only.ts';
export { definedOnly } from './defined-only.ts';
export type { DomainErrorKind, RefusalClass, RefusalDefinition } from './domain-error.ts';
export { DomainError, defineRefusal } from './domain-error.ts';
export type { EventEnvelope, EventMeta, StoredEvent, UnreadableReason } from './envelope.ts';
export type { EnvelopeIn, EventIn, EventMap, EventMapOf, ReadableType, ReadEvent } from './event-map.ts';
export type {
  AcceptedEvent,
  DataOfType,
  EventOfRegistry,
  EventRegistry,
  EventTypeOf,
  RegistryOptions,
} from './event-registry.ts';
export { createRegistry } from './event-registry.ts';
export type { EvolutionDescription, GoldenHistories, GoldenHistory } from './evolution-lock.ts';
export { compareEvolution, describeEvolution, envelopesOf, pathsOf } from './evolution-lock.ts';
export type { JsonFault } from './exact-json.ts';
export { jsonFault } from './exact-json.ts';
export type { AnyHistory, History } from './history.ts';
export { anyHistory } from './history.ts';
export type {
  ContractDescription,
  ContractDescriptions,
  JsonSchema,
  JsonSchemaDialect,
} from './json-schema.ts';
export { describeContracts, jsonSchemaOf } from './json-schema.ts';
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
export {
  assertStreamName,
  canonicalId,
  categoryOfStream,
  fitsIntoPath,
  InvalidCategoryError,
  InvalidStreamNameError,
  isStreamName,
  streamOf,
} from './stream-name.ts';
export type { Timeline } from './timeline.ts';
export { TIMELINES } from './timeline.ts';
