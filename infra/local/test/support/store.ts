import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { projectDir } from '../../src/index.ts';

/** What the tests need of the event store: mending an index, and importing. */
export interface MaintainedStore {
  readonly partitions: number;
  rebuildIndex(
    partition: number,
  ): Promise<{ readonly events: number; readonly misnumbered: readonly string[] }>;
  importEvents(
    lines: AsyncIterable<string>,
    importId: string,
  ): Promise<{ readonly events: number; readonly repeated: number }>;
  close(): Promise<void>;
}

interface StoreModule {
  openEventStore(options: object): Promise<MaintainedStore>;
}

interface SchemaModule {
  readonly headraceRegistry: unknown;
}

/**
 * The event store as order-api has it; whoever opens it closes it. It is looked up at run time: declared, it would
 * close a circle of packages, since the store's own tests run on servers of this launcher.
 */
export async function openStore(redisUrl: string): Promise<MaintainedStore> {
  const { resolve } = createRequire(`${projectDir}/services/order-api/package.json`);
  const load = (name: string): Promise<unknown> => import(pathToFileURL(resolve(name)).href);
  const { openEventStore } = (await load('@headrace/event-store')) as StoreModule;
  const { headraceRegistry } = (await load('@headrace/event-schema')) as SchemaModule;
  return openEventStore({ redisUrl, registry: headraceRegistry });
}
