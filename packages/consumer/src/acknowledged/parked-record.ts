import type { StoredParkedEvent } from '../dead-letters/parked-event.ts';

/** A parked event with the text of its record, by which the record is found in its stream's list. */
export interface RecordedParkedEvent extends StoredParkedEvent {
  readonly text: string;
}

type Where = Pick<StoredParkedEvent, 'group' | 'partition' | 'stream'>;

/** As JSON; older releases have neither stack nor retryAt where there is none. */
type ParkedRecord = Omit<StoredParkedEvent, keyof Where | 'stack' | 'retryAt'> &
  Partial<Pick<StoredParkedEvent, 'stack' | 'retryAt'>>;

export function parseParkedRecord(where: Where, text: string): RecordedParkedEvent {
  const { stack = null, retryAt = null, ...record } = JSON.parse(text) as ParkedRecord;
  return { ...where, ...record, stack, retryAt, text };
}

export function formatParkedRecord(event: Omit<StoredParkedEvent, keyof Where>): string {
  const { entryId, cause, error, stack, attempts, instance, parkedAt, retryAt } = event;
  const record: ParkedRecord = { entryId, cause, error, stack, attempts, instance, parkedAt };
  return JSON.stringify(retryAt === null ? record : { ...record, retryAt });
}

/** Of a deferred stream in its sorted set: when it is tried again, ms since the epoch; '' for never. */
export function retryScoreOf({ retryAt }: Pick<StoredParkedEvent, 'retryAt'>): string {
  return retryAt === null ? '' : String(Date.parse(retryAt));
}
