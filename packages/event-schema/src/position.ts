/** Place of an event in the log: its partition and its entry id there (`<ms>-<seq>`). */
export interface Position {
  readonly partition: number;
  readonly ms: number;
  readonly seq: number;
}

/** Parts above 2^53 are accepted, but lose precision as numbers. */
const POSITION = /^(\d{1,5})-(\d{1,20})-(\d{1,20})$/;
/** Redis has 64 bits for each part of an entry id. */
const LARGEST_PART = 2n ** 64n - 1n;

/** Thrown for text that is not `<partition>-<ms>-<seq>`. */
export class InvalidPositionError extends Error {
  readonly code = 'INVALID_POSITION';
  readonly value: string;
  constructor(value: string) {
    super(`"${value}" is not an event position; expected <partition>-<ms>-<seq>, such as 3-1732150000000-0`);
    this.name = 'InvalidPositionError';
    this.value = value;
  }
}

/** @throws InvalidPositionError */
export function parsePosition(value: string): Position {
  const match = matchOf(value);
  if (match === undefined) throw new InvalidPositionError(value);
  return { partition: Number(match[1]), ms: Number(match[2]), seq: Number(match[3]) };
}

export function isPosition(value: string): boolean {
  return matchOf(value) !== undefined;
}

function matchOf(value: string): RegExpExecArray | undefined {
  const match = POSITION.exec(value);
  return match !== null && fits(match[2]) && fits(match[3]) ? match : undefined;
}

/** Only numbers of twenty digits can exceed 64 bits. */
function fits(part = ''): boolean {
  return part.length < 20 || BigInt(part) <= LARGEST_PART;
}

export function formatPosition(partition: number, entryId: string): string {
  return `${partition}-${entryId}`;
}

/** The Redis entry id (`<ms>-<seq>`) inside a position. */
export function entryIdOf(position: string): string {
  return position.slice(position.indexOf('-') + 1);
}

export function partitionOfPosition(position: string): number {
  return Number(position.slice(0, position.indexOf('-')));
}

/** Milliseconds since the epoch at which the event at `position` was recorded, by the server's clock. */
export function recordedMsOf(position: string): number {
  const start = position.indexOf('-') + 1;
  return Number(position.slice(start, position.indexOf('-', start)));
}

/**
 * Orders positions by (ms, seq, partition): exact within a partition; across partitions effects come after their causes,
 * and the order of other events means nothing.
 */
export function comparePositions(a: string, b: string): number {
  const left = parsePosition(a);
  const right = parsePosition(b);
  return left.ms - right.ms || left.seq - right.seq || left.partition - right.partition;
}

/** Orders two entry ids (`<ms>-<seq>`) of one partition. */
export function compareEntryIds(a: string, b: string): number {
  const dashA = a.indexOf('-');
  const dashB = b.indexOf('-');
  return (
    Number(a.slice(0, dashA)) - Number(b.slice(0, dashB)) ||
    Number(a.slice(dashA + 1)) - Number(b.slice(dashB + 1))
  );
}
