import type { HeldStreams } from '../delivery/held-streams.ts';
import type { Lanes } from '../delivery/lanes.ts';
import type { SessionContext } from '../delivery/session.ts';
import type { FailureStreak } from '../delivery/streak.ts';
import type { GroupState, ParkedRecord } from './group-state.ts';
import type { Inbox } from './inbox.ts';

/** What an owner works on a partition with. */
export interface Workplace<Message> {
  readonly context: SessionContext;
  readonly inbox: Inbox<Message>;
  readonly state: GroupState;
  readonly held: HeldStreams;
  readonly lanes: Lanes;
  readonly streak: FailureStreak;
  /** A message was handled. */
  noteHandled(): void;
}

/** Tells whoever watches that something is parked. */
export function report<Message>(
  { context, inbox }: Workplace<Message>,
  message: Message,
  cause: ParkedRecord['cause'],
  error: unknown,
  attempts: number,
): void {
  const { group, totals, onParked } = context;
  if (cause !== 'deferred') totals.parked += 1;
  if (cause !== 'blocked') onParked({ ...inbox.factsOf(message), group, cause, error, attempts });
}
