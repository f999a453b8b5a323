import type { Scenario } from '../harness/bench.ts';
import { append } from './append.ts';
import { burst } from './burst.ts';
import { consume } from './consume.ts';
import { growth } from './growth.ts';
import { http } from './http.ts';
import { lifeCycle } from './life-cycle.ts';
import { memory } from './memory.ts';
import { project } from './project.ts';
import { read } from './read.ts';
import { resident } from './resident.ts';
import { scaling } from './scaling.ts';
import { snapshot } from './snapshot.ts';
import { storageLatency } from './storage-latency.ts';
import { visible } from './visible.ts';

/** In the order of the target table. */
export const allScenarios: readonly Scenario[] = [
  append,
  read,
  http,
  consume,
  scaling,
  project,
  visible,
  lifeCycle,
  memory,
  snapshot,
  storageLatency,
  burst,
  growth,
  resident,
];
