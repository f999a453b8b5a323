import type { ContractIssue } from './contract.ts';
import { categoryOfStream } from './stream-name.ts';

/** Data that does not satisfy its type's contract. */
export class ContractViolationError extends Error {
  readonly code = 'CONTRACT_VIOLATION';
  readonly type: string;
  readonly schemaVersion: number;
  readonly issues: readonly ContractIssue[];
  constructor(type: string, schemaVersion: number, issues: readonly ContractIssue[]) {
    const list = issues.map((issue) => `${issue.path || 'data'}: ${issue.message}`).join('; ');
    super(`data of ${type} does not satisfy version ${schemaVersion} of its contract: ${list}`);
    this.name = 'ContractViolationError';
    this.type = type;
    this.schemaVersion = schemaVersion;
    this.issues = issues;
  }
}

/** A registered event type on a stream of another category. */
export class CategoryMismatchError extends Error {
  readonly code = 'CATEGORY_MISMATCH';
  readonly type: string;
  readonly stream: string;
  readonly expected: string;
  constructor(type: string, stream: string, expected: string) {
    super(
      `${type} belongs to category "${expected}" and cannot be appended to stream "${stream}" of category "${categoryOfStream(stream)}"`,
    );
    this.name = 'CategoryMismatchError';
    this.type = type;
    this.stream = stream;
    this.expected = expected;
  }
}

/** An event type without a contract, written through a registry that refuses such types. */
export class UnregisteredTypeError extends Error {
  readonly code = 'UNREGISTERED_TYPE';
  readonly eventType: string;
  constructor(eventType: string) {
    super(`there is no contract for events of type "${eventType}", and this service takes no others`);
    this.name = 'UnregisteredTypeError';
    this.eventType = eventType;
  }
}
