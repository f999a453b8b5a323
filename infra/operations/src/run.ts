import type { EventStore } from '@headrace/event-store';
import { linesOf } from './lines.ts';

/** Carries out one command and reports through `say`, a line at a time; resolves to whether the log is in order. */
export type LogOperation = (store: EventStore, say: (line: string) => void) => Promise<boolean>;

/** @param only the partition to look at; undefined: all, one after the other */
export function verify(only: number | undefined): LogOperation {
  return async (store, say) => {
    let isWell = true;
    for (const partition of partitionsOf(store, only)) {
      const { events, streams, problems, ok } = await store.verify(partition);
      const result = ok ? 'index and log agree' : 'NOT in order';
      say(`partition ${partition}: ${events} events of ${streams} streams, ${result}`);
      for (const problem of problems) say(`  ${problem}`);
      if (!ok) say('  npm run log -- rebuild-index recreates the index from the log.');
      isWell &&= ok;
    }
    return isWell;
  };
}

/** @param only the partition to rebuild; undefined: all, one after the other */
export function rebuild(only: number | undefined): LogOperation {
  return async (store, say) => {
    for (const partition of partitionsOf(store, only)) {
      const { events, streams, misnumbered } = await store.rebuildIndex(partition);
      const index = `index of ${count(streams, 'stream')} recreated from ${count(events, 'event')}`;
      say(`partition ${partition}: ${index}`);
      for (const position of misnumbered) say(`  ${position} does not stand where its fields say`);
    }
    return true;
  };
}

export async function adopt(store: EventStore, say: (line: string) => void): Promise<boolean> {
  const replaced = await store.adoptLog();
  const id = store.logId();
  if (replaced.length === 0) say(`log ${id}: no service misses another log, there is nothing to adopt`);
  for (const old of replaced) say(`log ${id} stands in the place of ${old} from now on`);
  if (replaced.length > 0)
    say(
      '  Partitions of which more was handled than this log has will show as diverged: POST /consumer/resync.',
    );
  return true;
}

/** @param id under which the import is recorded, so that a repeated import stores nothing twice */
export function importFile(file: string, id: string): LogOperation {
  return async (store, say) => {
    const { events, repeated } = await store.importEvents(linesOf(file), id);
    const earlier = repeated > 0 ? `, ${repeated} of them by an earlier run` : '';
    say(`${count(events, 'event')} imported as "${id}"${earlier}`);
    return true;
  };
}

function partitionsOf(store: EventStore, only: number | undefined): readonly number[] {
  if (only === undefined) return Array.from({ length: store.partitions }, (_, partition) => partition);
  if (only >= store.partitions)
    throw new Error(`There is no partition ${only}; the log has ${store.partitions}.`);
  return [only];
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
