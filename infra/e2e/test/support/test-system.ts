import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type System, type SystemOptions, startSystem } from '@headrace/local';

/** A system of one test's own. */
export interface TestSystem extends System {
  readonly dataDir: string;
  /** The URL of a service; throws for a name that none has. */
  url(name: string): string;
  /** Stops it and deletes its data. */
  close(): Promise<void>;
}

const linesShown = 60;

/** Starts all services with their servers on free ports and an empty data folder. */
export async function startTestSystem(options: SystemOptions = {}): Promise<TestSystem> {
  const dataDir = await mkdtemp(join(tmpdir(), 'headrace-system-'));
  const lines: string[] = [];
  const keep = (text: string): void => {
    lines.push(text);
    if (lines.length > linesShown) lines.shift();
  };
  const log = { line: (source: string, line: string) => keep(`${source}: ${line}`), message: keep };
  try {
    const system = await startSystem({ dataDir, ports: 'free', log, ...options });
    return {
      ...system,
      dataDir,
      url: (name) => {
        const url = system.urls[name];
        if (url === undefined) throw new Error(`Nothing called ${name} runs.`);
        return url;
      },
      close: async () => {
        await system.stop();
        await rm(dataDir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(dataDir, { recursive: true, force: true });
    throw new Error(`The system did not start. The last of its log:\n${lines.join('\n')}`, { cause: error });
  }
}
