import canonicalize from 'canonicalize';
import { v5 as uuidv5 } from 'uuid';
import { hashOf } from '../keys.ts';

/** A request that may be sent again under the same key and must then get its first answer. */
export interface IdempotentRequest {
  /** The caller's key. */
  readonly key: string;
  /**
   * Scope of the key, with `route`. On a stream, equal keys of different actors or routes are different keys; in the
   * whole log, where `underKey` claims it, a key belongs to one actor and one route.
   */
  readonly actor: string;
  readonly route: string;
  /** What was asked for: parameters and command, never the resulting events. Must be JSON. */
  readonly request: unknown;
  /** How long the receipt is kept, s. Default: the store's `idempotencyTtlS`. */
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

/** The same UUID (version 5, RFC 9562) for the same parts, in every process. */
export function deterministicId(...parts: readonly string[]): string {
  return uuidv5(parts.map((part) => `${part.length}:${part}`).join(';'), NAMESPACE);
}

export function scopeOf(request: IdempotentRequest): readonly string[] {
  return [request.actor, request.route, request.key];
}

/** Equal for equal requests, independent of the order of members (RFC 8785). */
export function fingerprintOf(request: IdempotentRequest): string {
  return hashOf([request.route, canonicalize(request.request) ?? '']);
}

/** As `fingerprintOf`, with the actor: what a key stands for in the whole log. */
export function claimFingerprintOf({ actor, route, request }: IdempotentRequest): string {
  return hashOf([actor, route, canonicalize(request) ?? '']);
}

/** As `fingerprintOf`, for a request that includes its route or has none. */
export function fingerprintOfRequest(request: unknown): string {
  return hashOf([canonicalize(request) ?? '']);
}

/** Parses `<fingerprint> <last version> <count> <first entry id>`. */
export function parseReceipt(text: string): Receipt {
  const [fingerprint = '', version, count, firstEntryId = ''] = text.split(' ');
  return { fingerprint, version: Number(version), count: Number(count), firstEntryId };
}
