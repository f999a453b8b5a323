import { pack } from 'msgpackr';
import type { AppendConnections, AppendReply } from '../connection/append-connections.ts';
import type { LogIdentity } from '../connection/log-identity.ts';
import type { StoreKeys } from '../keys.ts';
import { scripts } from '../scripts/store-scripts.ts';
import type { Attempt } from './prepared-append.ts';

/** Ids further ahead of the server's clock than this are refused, ms. */
const MAX_CLOCK_AHEAD_MS = 60_000;
/** A script call blocks Redis for all clients: about half a millisecond at these limits. */
const MAX_APPENDS = 32;
const MAX_BYTES = 256 * 1024;

/** Sends one append; the reply is the script's for this append alone. */
export type GroupCommit = (attempt: Attempt) => Promise<AppendReply>;

interface Waiting {
  readonly attempt: Attempt;
  readonly resolve: (reply: AppendReply) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Appends to a partition that are requested in one turn of the event loop share one script call, and so one round trip,
 * one reply and one confirmation. An append waits at most for the end of that turn, and only while another call is in
 * flight. Each append succeeds or fails by itself; those of a call are done in the order of the requests.
 */
export function createGroupCommit(
  connections: AppendConnections,
  keys: StoreKeys,
  identity: LogIdentity,
): GroupCommit {
  const waiting = new Map<number, Waiting[]>();
  let callsUnderWay = 0;

  function sendAll(): void {
    const groups = [...waiting].flatMap(([partition, members]) =>
      splitUp(members).map((group) => ({ partition, group })),
    );
    waiting.clear();
    for (const { partition, group } of groups) void commit(partition, group);
  }

  async function commit(partition: number, group: readonly Waiting[]): Promise<void> {
    callsUnderWay += 1;
    try {
      const { reply, confirm } = await connections.run(
        scripts.append,
        [
          keys.log(partition),
          keys.hold(partition),
          keys.count(partition, 'streams'),
          ...group.flatMap(({ attempt }) => attempt.keys),
        ],
        () => [MAX_CLOCK_AHEAD_MS, pack(group.map(({ attempt }) => attempt.request)), identity.firstSeq()],
      );
      const replies = reply as readonly unknown[];
      for (const [i, { resolve }] of group.entries())
        resolve({ reply: replies[i], ...(confirm === undefined ? {} : { confirm }) });
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      callsUnderWay -= 1;
    }
  }

  return (attempt) =>
    new Promise((resolve, reject) => {
      // requests that arrived together run in one callback each: setImmediate comes after all of them
      if (waiting.size === 0) (callsUnderWay === 0 ? process.nextTick : setImmediate)(sendAll);
      const members = waiting.get(attempt.partition);
      if (members === undefined) waiting.set(attempt.partition, [{ attempt, resolve, reject }]);
      else members.push({ attempt, resolve, reject });
    });
}

function splitUp(members: readonly Waiting[]): readonly Waiting[][] {
  const groups: Waiting[][] = [];
  let group: Waiting[] = [];
  let bytes = 0;
  for (const member of members) {
    if (group.length === MAX_APPENDS || (group.length > 0 && bytes + member.attempt.bytes > MAX_BYTES)) {
      groups.push(group);
      group = [];
      bytes = 0;
    }
    group.push(member);
    bytes += member.attempt.bytes;
  }
  return [...groups, group];
}
