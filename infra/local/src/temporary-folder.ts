import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A new, empty folder; whoever asks for it removes it. Every user may enter it: if this process is root, PostgreSQL runs
 * as another user.
 */
export async function temporaryFolder(name: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), `headrace-${name}-`));
  await chmod(dir, 0o755);
  return dir;
}
