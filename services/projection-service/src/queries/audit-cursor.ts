import { z } from 'zod';

/** Position of a reader of the audit log in each partition: the last entry that it got. */
export type AuditPlace = readonly EntryPlace[];

export interface EntryPlace {
  /** Milliseconds and sequence of the entry's id; 0 and 0, below every entry, where nothing was given yet. */
  readonly ms: number;
  readonly seq: number;
}

const START: EntryPlace = { ms: 0, seq: 0 };
const PLACE = /^(?:([0-9a-z]{1,10})(?:-([0-9a-z]{1,10}))?)?$/;

export function startOfAudit(partitions: number): AuditPlace {
  return Array.from({ length: partitions }, () => START);
}

/** The place after a page: each partition at its last row of the page, or where it was. */
export function placeAfter(
  before: AuditPlace,
  rows: readonly (EntryPlace & { readonly partition: number })[],
): AuditPlace {
  const after = [...before];
  for (const { partition, ms, seq } of rows) after[partition] = { ms, seq };
  return after;
}

/**
 * Packs a place as `<earliest>_<place>.<place>.…` in base 36, each place relative to the earliest ms: 1,024
 * partitions still fit into a URL. Nothing stands for a partition at its start.
 */
export function encodePlace(place: AuditPlace): string {
  const begun = place.filter(({ ms }) => ms > 0);
  const earliest = Math.min(...begun.map(({ ms }) => ms), Number.MAX_SAFE_INTEGER);
  const places = place.map(({ ms, seq }) => {
    if (ms === 0) return '';
    const offset = (ms - earliest).toString(36);
    return seq === 0 ? offset : `${offset}-${seq.toString(36)}`;
  });
  return `${(begun.length === 0 ? 0 : earliest).toString(36)}_${places.join('.')}`;
}

/** Reads a cursor; undefined for anything that `encodePlace` did not write for this number of partitions. */
export function decodePlace(cursor: string, partitions: number): AuditPlace | undefined {
  const [earliestText = '', placesText = '', ...more] = cursor.split('_');
  const texts = placesText.split('.');
  if (!/^[0-9a-z]{1,10}$/.test(earliestText) || more.length > 0 || texts.length !== partitions)
    return undefined;
  const earliest = Number.parseInt(earliestText, 36);
  const places = texts.map((text) => decodeEntry(text, earliest));
  return places.every((place) => place !== undefined) ? places : undefined;
}

function decodeEntry(text: string, earliest: number): EntryPlace | undefined {
  const match = PLACE.exec(text);
  if (match === null) return undefined;
  const [, offset, seq = '0'] = match;
  if (offset === undefined) return START;
  return { ms: earliest + Number.parseInt(offset, 36), seq: Number.parseInt(seq, 36) };
}

/** A query parameter that must be a cursor of the audit log of this many partitions. */
export function auditCursorParameter(partitions: number) {
  return z
    .string()
    .max(24_000)
    .transform((text, context): AuditPlace => {
      const place = decodePlace(text, partitions);
      if (place !== undefined) return place;
      context.addIssue({ code: 'custom', message: 'must be a cursor that this query answered with' });
      return z.NEVER;
    })
    .describe('`nextCursor` or `resumeCursor` of an earlier page; leave the other parameters as they were');
}
