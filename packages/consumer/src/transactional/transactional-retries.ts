import { ParkedRetries } from '../dead-letters/parked-retries.ts';
import { isOver } from '../delivery/session-context.ts';
import { TransactionalParkedStore } from './transactional-parked-store.ts';
import type { TransactionalSession } from './transactional-session.ts';

/** The others wait for the next time: new events come in between. */
const DUE_AT_ONCE = 10;
/** No other request is begun after this: new events come in between. */
const REQUESTS_FOR_MS = 250;

/** Carries out what operators asked for, oldest first, and tries again what is deferred and due; between batches. */
export async function runRetries<Tx>(session: TransactionalSession<Tx>): Promise<void> {
  const { context, shared, blocked, streak, ownership } = session;
  const parked = new ParkedRetries(context, blocked, streak, new TransactionalParkedStore(session));
  const until = performance.now() + REQUESTS_FOR_MS;
  for (const request of await shared.sink.requests(ownership)) {
    if (isOver(context.lease) || performance.now() > until) break;
    // a resync is for partitions that have diverged, which get no further than that
    if (request.kind !== 'resync') await parked.run(request);
  }
  for (const stream of blocked.due().slice(0, DUE_AT_ONCE)) {
    if (isOver(context.lease)) return;
    await parked.retry(stream);
  }
}
