import { readdir, readFile } from 'node:fs/promises';

/** Linux counts processor time in hundredths of a second here, whatever its own clock (proc_pid_stat(5), USER_HZ). */
const TICKS_PER_SECOND = 100;

interface ProcessTime {
  readonly parent: number;
  readonly ticks: number;
}

/** Processor time of processes with all their children, living and ended, so far; in seconds. Linux only. */
export async function processorSeconds(pids: readonly number[]): Promise<number> {
  const all = await processTimes();
  const family = new Set(pids);
  let size = 0;
  while (size < family.size) {
    size = family.size;
    for (const [pid, { parent }] of all) if (family.has(parent)) family.add(pid);
  }
  return [...family].reduce((sum, pid) => sum + (all.get(pid)?.ticks ?? 0), 0) / TICKS_PER_SECOND;
}

async function processTimes(): Promise<ReadonlyMap<number, ProcessTime>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)),
  );
  return new Map(pids.flatMap((pid, i) => (stats[i] === undefined ? [] : [[Number(pid), timeIn(stats[i])]])));
}

/** Own time and that of ended children: fields 14 to 17; the parent is field 4. */
export function timeIn(stat: string): ProcessTime {
  // The second field (the command) may hold blanks and brackets; the third begins after the last ")".
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return { parent: field(4), ticks: field(14) + field(15) + field(16) + field(17) };
}
