import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { services, startSystem } from '@headrace/local';

/**
 * Does something with a system of its own, which is gone afterwards.
 * @param use gets the URLs of the services by their names. A service that ends stays down, so that it is noticed.
 */
export async function withOwnSystem<Result>(
  use: (urls: Readonly<Record<string, string>>) => Promise<Result>,
): Promise<Result> {
  const dataDir = await mkdtemp(join(tmpdir(), 'headrace-fuzz-'));
  try {
    const system = await startSystem({ dataDir, ports: 'free', restartUnasked: false });
    try {
      return await use(Object.fromEntries(services.map(({ name }) => [name, system.urls[name] ?? ''])));
    } finally {
      await system.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
