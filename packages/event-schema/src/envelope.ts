/**
 * What travels with an event beside its data. Every field is optional in old or hand-written entries;
 * the store always writes `commandId` and `correlationId`.
 */
export interface EventMeta {
  /** Identifies the append that wrote the event; by it a writer recognises its own event after a lost reply. */
  readonly commandId?: string;
  /** Shared by everything that one request caused, across streams and services. */
  readonly correlationId?: string;
  /** Id of the event (or command) that directly caused this one. */
  readonly causationId?: string;
  /** The caller's stated id; not authenticated. */
  readonly actor?: string;
  /** W3C trace context of the request that caused the event. */
  readonly traceparent?: string;
  /** Business time, ISO 8601, where it differs from the time of recording. */
  readonly occurredAt?: string;
  /** Fingerprint of the keyed request that created the stream; lets a late retry find its first answer. */
  readonly fingerprint?: string;
  readonly ip?: string;
  readonly [extra: string]: unknown;
}

/** Why a reader could not bring an event to the newest version. */
export type UnreadableReason = 'unknown-type' | 'unknown-version' | 'malformed';

/**
 * One event as every reader, consumer and dead letter sees it: upcast to the newest version of its contract.
 * Events of one stream are ordered by `version`, events of one partition by `position`.
 */
export interface EventEnvelope<Type extends string = string, Data = unknown> {
  /** Equal to `position`, unless the entry was imported with an id of its own. */
  readonly id: string;
  /** `<partition>-<ms>-<seq>`; sorts within its partition and carries the time of recording. */
  readonly position: string;
  readonly stream: string;
  readonly category: string;
  /** 1-based place in the stream. */
  readonly version: number;
  readonly type: Type;
  /** Version of the contract that `data` follows now, after upcasting. */
  readonly schemaVersion: number;
  readonly data: Data;
  /** ISO 8601, the server's clock when the event was stored; the default time of time travel. */
  readonly recordedAt: string;
  /** ISO 8601 business time; equals `recordedAt` unless the writer said otherwise. */
  readonly occurredAt: string;
  readonly meta: EventMeta;
  /** Present if the reader's contracts cannot interpret the event; `data` is then as stored. */
  readonly unreadable?: UnreadableReason;
}

/** An entry of the log as it is stored, not interpreted. */
export interface StoredEvent {
  readonly position: string;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly schemaVersion: number;
  /** JSON text. */
  readonly data: string;
  /** JSON text. */
  readonly meta: string;
  /** Only entries that were imported or moved carry an id of their own. */
  readonly id?: string;
}
