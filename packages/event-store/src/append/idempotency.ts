import canonicalize from 'canonicalize';
import { v5 as uuidv5 } from 'uuid';
import { hashOf } from '../keys.ts';

/** A request that may be sent again under the same key and must then get its first answer. */
export interface IdempotentRequest {
  /** The caller's key. */
  readonly key: string;
  /**
   * Whose key it is and for what. On a stream keys of different actors and routes never meet; in the whole log, where
   * `underKey` claims them, a key has one actor and one route.
   */
  readonly actor: string;
  readonly route: string;
  /** What was asked for: parameters and command, never the events that came of it. Must be JSON. */
  readonly request: unknown;
  /** How long the receipt is kept, s; the store's default where absent. */
  readonly ttlS?: number;
}

/** What an earlier append under the same key did. */
export interface Receipt {
  readonly fingerprint: string;
  readonly version: number;
  readonly count: number;
  readonly firstEntryId: string;
}

const NAMESPACE = '7d1c1a52-5a0c-4f0e-9a5d-6f1f0c0b8e21';

/** The same UUID (version 5, RFC 9562) for the same parts, whoever computes it. */
export function deterministicId(...parts: readonly string[]): string {
  return uuidv5(parts.map((part) => `${part.length}:${part}`).join(';'), NAMESPACE);
}

export function scopeOf(request: IdempotentRequest): readonly string[] {
  return [request.actor, request.route, request.key];
}

/** Equal for requests that ask the same, whatever the order of their members (RFC 8785). */
export function fingerprintOf(request: IdempotentRequest): string {
  return hashOf([request.route, canonicalize(request.request) ?? '']);
}

/** As `fingerprintOf`, and of whoever asks: all that a key stands for in the whole log. */
export function claimFingerprintOf({ actor, route, request }: IdempotentRequest): string {
  return hashOf([actor, route, canonicalize(request) ?? '']);
}

/** As `fingerprintOf`, for a request whose route is part of it or of no account. */
export function fingerprintOfRequest(request: unknown): string {
  return hashOf([canonicalize(request) ?? '']);
}

/** Parses `<fingerprint> <last version> <count> <first entry id>`. */
export function parseReceipt(text: string): Receipt {
  const [fingerprint = '', version, count, firstEntryId = ''] = text.split(' ');
  return { fingerprint, version: Number(version), count: Number(count), firstEntryId };
}
