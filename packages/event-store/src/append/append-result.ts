import { formatPosition } from '@headrace/event-schema';
import type { Receipt } from './idempotency.ts';

export interface AppendResult {
  readonly stream: string;
  /** Version of the stream after the append. */
  readonly version: number;
  /** Positions of the appended events, in order; each is its event's id. */
  readonly positions: readonly string[];
  /** True if it had been done before: by an earlier request under the key, or by this one before its reply was lost. */
  readonly replayed: boolean;
}

/** Positions of an append's events: the script numbers them without a gap from the first one on. */
export function consecutive(partition: number, firstEntryId: string, count: number): string[] {
  if (count === 1) return [formatPosition(partition, firstEntryId)];
  const dash = firstEntryId.indexOf('-');
  const ms = firstEntryId.slice(0, dash);
  const firstSeq = Number(firstEntryId.slice(dash + 1));
  return Array.from({ length: count }, (_, i) => formatPosition(partition, `${ms}-${firstSeq + i}`));
}

export function resultOfReceipt(stream: string, partition: number, receipt: Receipt): AppendResult {
  const positions = consecutive(partition, receipt.firstEntryId, receipt.count);
  return { stream, version: receipt.version, positions, replayed: true };
}
