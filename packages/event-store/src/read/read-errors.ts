import type { UnreadableReason } from '@headrace/event-schema';
import { EventStoreError } from '../errors.ts';

export class StreamNotFoundError extends EventStoreError {
  readonly code = 'STREAM_NOT_FOUND';
  readonly stream: string;
  constructor(stream: string) {
    super(`there is no stream "${stream}"`);
    this.stream = stream;
  }
}

export class VersionBeyondEndError extends EventStoreError {
  readonly code = 'VERSION_BEYOND_END';
  readonly stream: string;
  readonly version: number;
  readonly current: number;
  constructor(stream: string, version: number, current: number) {
    super(`stream "${stream}" ends at version ${current}; there is no version ${version}`);
    this.stream = stream;
    this.version = version;
    this.current = current;
  }
}

/**
 * The stream has an event of a registered type that this process cannot interpret, so its state from there on is not
 * known: no state is returned, nothing is decided and no snapshot saved. `unknown-version`: the contracts here are too
 * old; `malformed`: the stored data is damaged.
 */
export class UnreadableEventError extends EventStoreError {
  readonly code = 'UNREADABLE_EVENT';
  readonly stream: string;
  readonly version: number;
  readonly eventType: string;
  readonly reason: StateGapReason;
  constructor(stream: string, version: number, eventType: string, reason: StateGapReason) {
    super(
      `version ${version} of stream "${stream}", a ${eventType}, cannot be read (${reason}), so the state after it is not known; ${REMEDIES[reason]}`,
    );
    this.stream = stream;
    this.version = version;
    this.eventType = eventType;
    this.reason = reason;
  }
}

/** Events of unregistered types leave no gap in a state. */
type StateGapReason = Exclude<UnreadableReason, 'unknown-type'>;

const REMEDIES: Readonly<Record<StateGapReason, string>> = {
  'unknown-version': 'deploy a release whose contracts know this version of it',
  malformed: 'what is stored there is damaged: look at the entry with XRANGE',
};

/** The index names an event that the log does not hold. */
export class IndexBrokenError extends EventStoreError {
  readonly code = 'INDEX_BROKEN';
  readonly stream: string;
  constructor(stream: string, entryId: string) {
    super(
      `the index of stream "${stream}" names entry ${entryId}, which the log does not hold; run verify and index rebuild`,
    );
    this.stream = stream;
  }
}
