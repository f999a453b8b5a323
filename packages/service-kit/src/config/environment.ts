export type Environment = Readonly<Record<string, string | undefined>>;

/** One setting that stops a service from starting. Never carries the value, which may be a secret. */
export interface ConfigProblem {
  readonly variable: string;
  readonly problem: string;
  /** The setting's description: meaning, unit, default. Empty when its schema has none. */
  readonly expected: string;
}
