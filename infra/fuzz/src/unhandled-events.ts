import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 200;
/** The groups must have no work for this long: the last step may lead to new work. */
const SETTLED_MS = 1_000;

interface Group {
  readonly group: string;
  readonly partitions: readonly {
    readonly partition: number;
    readonly state: string;
    readonly lagEvents: number;
    readonly inFlight: number;
    readonly blockedStreams: number;
    readonly deferredStreams: number;
  }[];
  readonly totals: { readonly parked: number };
}

/**
 * Waits until every worker has handled all events, or has made no progress for `patienceMs`. Returns what was not handled
 * and what was parked; empty if everything was handled.
 */
export async function unhandledEvents(
  urls: Readonly<Record<string, string>>,
  patienceMs: number,
): Promise<readonly string[]> {
  await resumeAll(urls['projection-service'] ?? '');
  let last = { state: '', since: performance.now() };
  for (;;) {
    const groups = await groupsOf(urls);
    const open = groups.flatMap(openWorkOf);
    const state = JSON.stringify(groups.map(({ partitions }) => partitions));
    const now = performance.now();
    if (state !== last.state) last = { state, since: now };
    const waited = now - last.since;
    if (open.length === 0 ? waited >= SETTLED_MS : waited >= patienceMs)
      return [...open, ...(await parkedIn(urls, groups))];
    await sleep(POLL_MS);
  }
}

async function resumeAll(url: string): Promise<void> {
  const { data } = await get<{ data: readonly { readonly id: string }[] }>(`${url}/api/projections`);
  for (const { id } of data) await fetch(`${url}/api/projections/${id}/resume`, { method: 'POST' });
}

async function groupsOf(urls: Readonly<Record<string, string>>): Promise<readonly Group[]> {
  const all = Object.values(urls).map(
    async (url) => (await get<{ groups: readonly Group[] }>(`${url}/consumer`)).groups,
  );
  return (await Promise.all(all)).flat();
}

function openWorkOf({ group, partitions }: Group): readonly string[] {
  return partitions
    .filter(({ lagEvents, inFlight, deferredStreams }) => lagEvents + inFlight + deferredStreams > 0)
    .map(
      ({ partition, state, lagEvents, deferredStreams }) =>
        `${group} has ${lagEvents} events of partition ${partition} to go (${state}, ${deferredStreams} streams deferred)`,
    );
}

interface DeadLetter {
  readonly stream: string;
  readonly type: string;
  readonly error: unknown;
}

/** The counts include events that a request has retried or discarded. */
async function parkedIn(
  urls: Readonly<Record<string, string>>,
  groups: readonly Group[],
): Promise<readonly string[]> {
  const counts = groups.filter(({ totals }) => totals.parked > 0);
  const letters = Object.entries(urls).map(async ([service, url]) => {
    const { deadLetters } = await get<{ deadLetters: readonly DeadLetter[] }>(`${url}/dead-letters?limit=20`);
    return deadLetters.map((letter) => `${service} has parked ${JSON.stringify(letter)}`);
  });
  return [
    ...counts.map(({ group, totals }) => `${group} has parked ${totals.parked} events`),
    ...(await Promise.all(letters)).flat(),
  ];
}

async function get<Body>(url: string): Promise<Body> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Body;
}
