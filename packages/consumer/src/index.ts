export type { ConsumerAdmin, ConsumerStatus, ConsumerTotals, DeadLetter, PartitionState, PartitionStatus } from './status.ts';
