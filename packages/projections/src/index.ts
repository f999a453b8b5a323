export type { VersionComparison } from './control/compare.ts';
export { compareVersions } from './control/compare.ts';
export { divergedPartitions } from './control/divergence.ts';
export { setPaused } from './control/pause.ts';
export {
  addProjection,
  inPreparation,
  ProjectionExistsError,
  prepareProjections,
  startBuild,
} from './control/prepare.ts';
export type {
  Materialised,
  MaterialisedIn,
  ProjectionProgress,
} from './control/progress.ts';
export { materialised, materialisedOf, progressOf } from './control/progress.ts';
export type { Queryable } from './control/queryable.ts';
export { removeProjection, retireVersion } from './control/retire.ts';
export type { SwitchResult } from './control/switch.ts';
export { switchProjection } from './control/switch.ts';
export type { ProjectionState, RegisteredVersion } from './control/versions.ts';
export {
  activeTable,
  activeVersion,
  projectionState,
  projectionStates,
  UnknownProjectionError,
} from './control/versions.ts';
export type { Column, RowOf } from './projection/columns.ts';
export { addWhole, column, nullable } from './projection/columns.ts';
export type {
  Columns,
  EnvelopeOf,
  Projection,
  ProjectionVersion,
} from './projection/definition.ts';
export {
  defineProjection,
  InvalidProjectionError,
  newestVersion,
  projectionGroup,
  projectionTable,
  withVersion,
} from './projection/definition.ts';
export { foldRow, foldRows } from './projection/fold.ts';
export { projectionHandler } from './projection/handler.ts';
export type { ProjectionRunnerOptions } from './runner/options.ts';
export { ProjectionRunner } from './runner/runner.ts';
