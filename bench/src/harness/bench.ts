import type { LocalServer } from '@headrace/local';
import type { ScenarioResult } from './results.ts';

/** What a scenario works with. */
export interface Bench {
  /** Redis with `appendfsync always`, emptied before each scenario. */
  readonly redis: LocalServer;
  /** PostgreSQL with its own defaults, `fsync` on; schemas are the scenario's own and dropped by it. */
  readonly postgres: LocalServer;
  /** Shorter: checks that the scenario works; its numbers mean nothing. */
  readonly quick: boolean;
  /** Progress. */
  readonly say: (text: string) => void;
}

export interface Scenario {
  /** As given on the command line. */
  readonly name: string;
  readonly title: string;
  /** Not run unless it is named. Default false. */
  readonly onlyByName?: boolean;
  run(bench: Bench): Promise<ScenarioResult>;
}
