import type { IdempotentRequest } from './idempotency.ts';

/** What a writer expects of a stream before its append: a version (0 for no stream), or a condition. */
export type ExpectedVersion = number | 'no-stream' | 'exists' | 'any';

/** Who asks and why; absent fields are not written. */
export interface AppendContext {
  /**
   * Default: for a keyed request an id derived from the key, else a new UUID. A writer that tries again after an
   * unknown outcome passes the same one.
   */
  readonly commandId?: string;
  /** Default: the commandId. */
  readonly correlationId?: string;
  readonly causationId?: string;
  /** Position of the causing event: the new events sort after it, on every partition. */
  readonly cause?: string;
  readonly actor?: string;
  readonly traceparent?: string;
  readonly ip?: string;
}

export interface AppendOptions extends AppendContext {
  /** Default `any`. */
  readonly expectedVersion?: ExpectedVersion;
  readonly idempotency?: IdempotentRequest;
}
