/** The state of a stream at a version. */
export interface CheckedState {
  readonly state: unknown;
  readonly version: number;
}
