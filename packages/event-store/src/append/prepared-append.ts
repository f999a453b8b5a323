import type { ExpectedVersion } from './append-options.ts';
import type { EventRequest } from './new-events.ts';

/** One append, prepared for the script; may be sent several times. */
export interface Attempt {
  readonly stream: string;
  readonly partition: number;
  readonly expected: ExpectedVersion;
  readonly commandId: string;
  /** Empty without an idempotency key. */
  readonly fingerprint: string;
  readonly count: number;
  /** Size of data and metadata. */
  readonly bytes: number;
  /** The script's keys that belong to this append alone. */
  readonly keys: readonly [index: string, receipt: string];
  readonly request: AppendRequest;
}

/** An append as the script takes it. */
type AppendRequest = readonly [
  stream: string,
  expected: ExpectedVersion,
  causeMs: number,
  fingerprint: string,
  ttlS: number,
  events: readonly EventRequest[],
];
