import type { ConsumerOptions } from '@headrace/consumer';
import type { Database } from '@headrace/postgres';
import type { Projection } from '../projection/definition.ts';

export interface ProjectionRunnerOptions {
  readonly database: Database<unknown>;
  /** What the code knows; several versions of one name are fine, and keep an older one moving. */
  readonly projections: readonly Projection<unknown>[];
  /** What has been added at run time, as it is now; asked at each poll. Default none. */
  readonly added?: () => Promise<readonly Projection<unknown>[]>;
  /** What every version's consumer is made with. */
  readonly consumer: Omit<ConsumerOptions, 'group'>;
  /** How soon what another process has asked for is noticed, ms. Default 1,000. */
  readonly pollMs?: number;
}
