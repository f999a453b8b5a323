import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { removeStaleLock } from './launcher-lock.ts';
import { defaultDataDir, projectDir } from './paths.ts';
import { messageOf } from './waiting.ts';

/** All that a launcher writes into a data folder; with anything else in it, it is not one of ours. */
const known = /^(redis|postgres|mail|logs|launcher\.json(\.new)?|postgres\.partial-\d+)$/;

/** `npm run clean`: removes the data of the local servers; refuses while they run. */
async function clean(): Promise<void> {
  const { values } = parseArgs({ options: { data: { type: 'string' } } });
  const dataDir = resolve(values.data ?? defaultDataDir);
  const shown = relative(projectDir, dataDir) || '.';
  if (!existsSync(dataDir)) {
    say(`Nothing to remove: there is no ${shown}.`);
    return;
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
  const data = entries.filter((entry) => !entry.startsWith('launcher.json'));
  say(`Removed ${shown}${data.length > 0 ? ` (${data.join(', ')})` : ''}.`);
}

function say(message: string): void {
  process.stdout.write(`${message}\n`);
}

try {
  await clean();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
