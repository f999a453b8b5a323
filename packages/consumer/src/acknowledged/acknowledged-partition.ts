import { BlockedStreams } from '../delivery/blocked-streams.ts';
import { FailureStreak } from '../delivery/failure-streak.ts';
import { noteSuccess } from '../delivery/handle-with-retries.ts';
import { Lanes } from '../delivery/lanes.ts';
import type { SessionContext } from '../delivery/session-context.ts';
import { Attempts } from './attempts.ts';
import { GroupEntries } from './group-entries.ts';
import type { Inbox } from './inbox.ts';
import { OwnedParkedLists } from './owned-parked-lists.ts';

/** What an owner works on a partition with, in acknowledged mode. */
export interface AcknowledgedPartition<Message> {
  readonly context: SessionContext;
  readonly inbox: Inbox<Message>;
  /** Of the Redis stream. */
  readonly streamKey: string;
  readonly entries: GroupEntries;
  readonly attempts: Attempts;
  readonly parked: OwnedParkedLists;
  readonly blocked: BlockedStreams;
  readonly lanes: Lanes;
  readonly streak: FailureStreak;
  /** A message was handled. */
  noteHandled(): void;
}

/** Reads which streams are blocked. */
export async function openPartition<Message>(
  context: SessionContext,
  inbox: Inbox<Message>,
): Promise<AcknowledgedPartition<Message>> {
  const { policy, progress, lease } = context;
  const { removeWhenDone } = inbox;
  const streamKey = inbox.key(lease.partition);
  const parked = new OwnedParkedLists(context, streamKey);
  const attemptsKey = parked.key('attempts');
  const known = { blocked: await parked.blockedStreams(), deferred: await parked.deferredStreams() };
  const blocked = new BlockedStreams(policy, progress, known);
  const lanes = new Lanes(policy.concurrency);
  const streak = new FailureStreak(policy);
  return {
    ...{ context, inbox, streamKey, parked, blocked, lanes, streak },
    entries: new GroupEntries(context, { streamKey, attemptsKey, removeWhenDone }),
    attempts: new Attempts(context, attemptsKey),
    noteHandled: () => {
      if (!noteSuccess(context, streak, 1)) return;
      lanes.wake();
      blocked.makeDue();
    },
  };
}
