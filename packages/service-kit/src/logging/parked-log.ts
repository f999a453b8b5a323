import type { ParkedReport } from '@headrace/consumer';
import type { Logger } from 'pino';

/** For `onParked` of a consumer: one warning for each, with what leads to the event, its stream and its request. */
export function createParkedLog(logger: Pick<Logger, 'warn'>): (parked: ParkedReport) => void {
  return ({ kind, id, type, stream, partition, correlationId, group, cause, attempts, error }) => {
    const about = { group, partition, stream, [`${kind}Id`]: id, type, correlationId, cause, attempts };
    logger.warn({ ...about, ...(error === null ? {} : { err: error }) }, whatHappened(kind, cause));
  };
}

function whatHappened(kind: ParkedReport['kind'], cause: ParkedReport['cause']): string {
  if (kind === 'command') return 'command could not be executed';
  return cause === 'deferred' ? 'event deferred: it is tried again later' : 'event parked as a dead letter';
}
