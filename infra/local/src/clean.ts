import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { commandLine, messageOf, runProgram, say } from './command-line.ts';
import { removeStaleLock } from './launcher-lock.ts';
import { dataOption } from './launcher-options.ts';
import { projectDir } from './project-paths.ts';

/** What a launcher writes into a data folder; a folder with other entries is not removed. */
const known = /^(redis|postgres|mail|logs|launcher\.json(\.new)?|postgres\.partial-\d+)$/;

/** `npm run clean`: removes the data of the local servers; refuses while they run. */
async function clean(): Promise<number> {
  const { data } = commandLine('npm run clean --', 'Removes the data of the local servers.')
    .addOption(dataOption())
    .parse()
    .opts();
  const dataDir = resolve(data);
  const shown = relative(projectDir, dataDir) || '.';
  if (!existsSync(dataDir)) {
    say(`Nothing to remove: there is no ${shown}.`);
    return 0;
  }
  const entries = await readdir(dataDir);
  const foreign = entries.filter((entry) => !known.test(entry));
  if (foreign.length > 0) {
    throw new Error(
      `${shown} holds ${foreign.join(', ')}, which the launcher did not write. Nothing was removed.`,
    );
  }
  await removeStaleLock(dataDir, say);
  await rm(dataDir, { recursive: true, force: true });
  const removed = entries.filter((entry) => !entry.startsWith('launcher.json'));
  say(`Removed ${shown}${removed.length > 0 ? ` (${removed.join(', ')})` : ''}.`);
  return 0;
}

await runProgram(clean, messageOf);
