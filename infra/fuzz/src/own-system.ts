import { rm } from 'node:fs/promises';
import { services, startSystem, temporaryFolder } from '@headrace/local';

/**
 * Runs `use` with a new system, which is removed afterwards.
 * @param use gets the URLs of the services by name. A service that ends is not restarted, so that it is noticed.
 */
export async function withOwnSystem<Result>(
  use: (urls: Readonly<Record<string, string>>) => Promise<Result>,
): Promise<Result> {
  const dataDir = await temporaryFolder('fuzz');
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
