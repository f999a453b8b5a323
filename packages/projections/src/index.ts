export type { ComparedTable, RowDifference, VersionComparison } from './control/compare.ts';
export { compareVersions } from './control/compare.ts';
export { divergedPartitions } from './control/divergence.ts';
export { setPaused } from './control/pause.ts';
export {
  addProjection,
  BuildInProgressError,
  inPreparation,
  ProjectionChangedError,
  ProjectionExistsError,
  prepareProjections,
  startBuild,
} from './control/prepare.ts';
export type {
  Materialised,
  MaterialisedIn,
  PartitionProgress,
  ProjectionProgress,
} from './control/progress.ts';
export { materialised, materialisedOf, progressOf } from './control/progress.ts';
export { removeProjection, removeRetired, retireVersion, VersionActiveError } from './control/retire.ts';
export type { PartitionBehind, SwitchOptions, SwitchResult } from './control/switch.ts';
export { switchProjection } from './control/switch.ts';
export type { ProjectionState, Queryable, RegisteredVersion, SwitchWhen } from './control/versions.ts';
export {
  activeTable,
  activeVersion,
  projectionState,
  projectionStates,
  registeredVersions,
  UnknownProjectionError,
} from './control/versions.ts';
export type { Column, RowOf } from './projection/columns.ts';
export { addWhole, column, nullable } from './projection/columns.ts';
export type {
  Columns,
  EnvelopeOf,
  EventProjection,
  EventProjections,
  Projection,
  ProjectionInput,
  ProjectionVersion,
  TableDefinition,
} from './projection/definition.ts';
export {
  defineProjection,
  InvalidProjectionError,
  newestVersion,
  projectionGroup,
  projectionTable,
  withVersion,
} from './projection/definition.ts';
export { foldRow, foldRows, InvalidRowError } from './projection/fold.ts';
export { projectionHandler } from './projection/handler.ts';
export type { ProjectionRunnerOptions } from './runner/options.ts';
export type { ProjectionRunner } from './runner/runner.ts';
export { createProjectionRunner } from './runner/runner.ts';
