export type { ContractVersion, DataOf, EventContract, EventOf, Upcaster } from './contract.ts';
export { defineEvent, nextVersion } from './contract.ts';
export type { Decider, DomainEvent, Fold, FoldContext } from './decider.ts';
export type { EventEnvelope, EventMeta, StoredEvent, UnreadableReason } from './envelope.ts';
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
  categoryOfStream,
  InvalidStreamNameError,
  isStreamName,
  streamOf,
} from './stream-name.ts';
