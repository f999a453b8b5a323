import { createHash } from 'node:crypto';

/** By partition, its owner; null where it has none. */
export type Owners = readonly (string | null)[];

/**
 * Says who should own each partition. Of N members each gets ⌊P/N⌋ or ⌈P/N⌉. Owners keep what they have up
 * to their share, so a join or a leave moves only what it must, at most ⌈P/N⌉; which partitions move, and to
 * whom, is decided by rendezvous hashing (Thaler and Ravishankar, 1998), so that all members that see the
 * same agree without talking.
 *
 * @param members live members; the order does not matter
 * @param owners current owners; owners that are not members do not count
 */
export function assign(members: readonly string[], owners: Owners): (string | null)[] {
  if (members.length === 0) return owners.map(() => null);
  const shares = sharesOf(members, owners);
  const assigned: (string | null)[] = owners.map(() => null);
  for (const member of members) {
    const owned = partitionsOf(owners, member);
    owned.sort((a, b) => score(b, member) - score(a, member));
    for (const partition of owned.slice(0, shares.get(member))) assigned[partition] = member;
  }
  for (const [partition, owner] of assigned.entries()) {
    if (owner === null) assigned[partition] = bestWithRoom(partition, members, shares, assigned);
  }
  return assigned;
}

/** The larger shares go to the members that own the most now, so that as little as possible moves. */
function sharesOf(members: readonly string[], owners: Owners): Map<string, number> {
  const floor = Math.floor(owners.length / members.length);
  const larger = owners.length % members.length;
  const owned = new Map(members.map((member) => [member, partitionsOf(owners, member).length]));
  const byOwned = [...members].sort(
    (a, b) => (owned.get(b) ?? 0) - (owned.get(a) ?? 0) || score(-1, b) - score(-1, a) || (a < b ? -1 : 1),
  );
  return new Map(byOwned.map((member, i) => [member, i < larger ? floor + 1 : floor]));
}

function partitionsOf(owners: Owners, member: string): number[] {
  return owners.flatMap((owner, partition) => (owner === member ? [partition] : []));
}

function bestWithRoom(
  partition: number,
  members: readonly string[],
  shares: ReadonlyMap<string, number>,
  assigned: readonly (string | null)[],
): string | null {
  let best: string | null = null;
  for (const member of members) {
    const room = (shares.get(member) ?? 0) - partitionsOf(assigned, member).length;
    if (room > 0 && (best === null || score(partition, member) > score(partition, best))) best = member;
  }
  return best;
}

function score(partition: number, member: string): number {
  return createHash('sha1').update(`${partition}|${member}`).digest().readUIntBE(0, 6);
}
