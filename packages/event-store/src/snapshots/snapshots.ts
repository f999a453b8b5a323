import { assertStreamName } from '@headrace/event-schema';
import { reading } from '../connection/translate-redis-error.ts';
import { requireOpen, type StoreContext } from '../context.ts';
import { VersionBeyondEndError } from '../read/read-errors.ts';
import { runScript } from '../scripts/script.ts';
import { scripts } from '../scripts/store-scripts.ts';

/**
 * Newest snapshots kept of each stream, beside one for each doubling of the distance before them: about ten more for a
 * stream of 100,000 events, so that time travel takes longer only in proportion to how far it goes back.
 */
const NEWEST_KEPT = 3;

/** The state of a stream after `version` events, made by version `foldVersion` of its fold. */
export interface Snapshot {
  readonly version: number;
  readonly foldVersion: number;
  readonly state: unknown;
}

/**
 * Saves a snapshot. Of the others it keeps the newest, and before them one for each doubling of the distance from the
 * end. @throws VersionBeyondEndError
 */
export async function saveSnapshot(context: StoreContext, stream: string, snapshot: Snapshot): Promise<void> {
  requireOpen(context);
  assertStreamName(stream);
  const { keys, reader, settings } = context;
  const { version, foldVersion, state } = snapshot;
  const reply = await reading(
    runScript(
      reader,
      scripts.saveSnapshot,
      [keys.snapshots(stream), keys.stream(stream)],
      [
        version,
        foldVersion,
        JSON.stringify(state) ?? 'null',
        NEWEST_KEPT,
        Math.max(1, settings.snapshotEvery),
      ],
    ),
  );
  const [status, current] = reply as ['saved'] | ['beyond-end', number];
  if (status === 'beyond-end') throw new VersionBeyondEndError(stream, version, current);
}

/** All snapshots of a stream, newest first, without damaged ones. */
export async function listSnapshots(context: StoreContext, stream: string): Promise<readonly Snapshot[]> {
  assertStreamName(stream);
  const kept = await reading(context.reader.hgetall(context.keys.snapshots(stream)));
  return Object.entries(kept)
    .flatMap(([version, value]) => parseSnapshot(Number(version), value) ?? [])
    .sort((a, b) => b.version - a.version);
}

/** Parses `<fold version> <entry id> <state JSON>`. */
function parseSnapshot(version: number, value: string): Snapshot | undefined {
  const idStart = value.indexOf(' ') + 1;
  const stateStart = value.indexOf(' ', idStart) + 1;
  try {
    const state = JSON.parse(value.slice(stateStart)) as unknown;
    return { version, foldVersion: Number(value.slice(0, idStart)), state };
  } catch {
    return undefined;
  }
}
