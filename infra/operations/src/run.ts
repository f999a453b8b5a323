import type { EventStore } from '@headrace/event-store';
import { linesOf } from './lines.ts';
import { type Command, UsageError } from './options.ts';

/**
 * Carries a command out and reports through `say`, a line at a time.
 * @returns whether all is well
 */
export async function run(
  store: EventStore,
  command: Exclude<Command, { readonly name: 'help' }>,
  say: (line: string) => void,
): Promise<boolean> {
  if (command.name === 'adopt') return await adopt(store, say);
  if (command.name === 'import') return await importFile(store, command, say);
  let isWell = true;
  for (const partition of partitionsOf(store, command.partition)) {
    const done =
      command.name === 'verify' ? await verify(store, partition, say) : await rebuild(store, partition, say);
    isWell &&= done;
  }
  return isWell;
}

function partitionsOf(store: EventStore, only: number | undefined): readonly number[] {
  if (only === undefined) return Array.from({ length: store.partitions }, (_, partition) => partition);
  if (only >= store.partitions)
    throw new UsageError(`There is no partition ${only}; the log has ${store.partitions}.`);
  return [only];
}

async function adopt(store: EventStore, say: (line: string) => void): Promise<boolean> {
  const replaced = await store.adoptLog();
  const id = store.logId();
  if (replaced.length === 0) say(`log ${id}: nobody misses another one, there is nothing to adopt`);
  for (const old of replaced) say(`log ${id} stands in the place of ${old} from now on`);
  if (replaced.length > 0)
    say(
      '  Partitions of which more was handled than this log has will show as diverged: POST /consumer/resync.',
    );
  return true;
}

async function verify(store: EventStore, partition: number, say: (line: string) => void): Promise<boolean> {
  const { events, streams, problems, ok } = await store.verify(partition);
  say(
    `partition ${partition}: ${events} events of ${streams} streams, ${ok ? 'index and log agree' : 'NOT in order'}`,
  );
  for (const problem of problems) say(`  ${problem}`);
  if (!ok) say('  npm run log -- rebuild-index recreates the index from the log.');
  return ok;
}

async function rebuild(store: EventStore, partition: number, say: (line: string) => void): Promise<boolean> {
  const { events, streams, misnumbered } = await store.rebuildIndex(partition);
  say(
    `partition ${partition}: index of ${count(streams, 'stream')} recreated from ${count(events, 'event')}`,
  );
  for (const position of misnumbered) say(`  ${position} does not stand where its fields say`);
  return true;
}

async function importFile(
  store: EventStore,
  { file, id }: Extract<Command, { readonly name: 'import' }>,
  say: (line: string) => void,
): Promise<boolean> {
  const { events, repeated } = await store.importEvents(linesOf(file), id);
  say(
    `${count(events, 'event')} imported as "${id}"${repeated > 0 ? `, ${repeated} of them by an earlier run` : ''}`,
  );
  return true;
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
