import { entryIdOf, formatPosition, partitionOfPosition } from '@headrace/event-schema';
import { InvalidRequestError } from '@headrace/service-kit';

const NOTHING = '_';
const ENTRY = /^([0-9a-z]{1,13})-([0-9a-z]{1,13})$/;

/**
 * Where a reader of the whole log is: for each partition the position of the last event it has seen. As text it is
 * short, fits a URL, and says nothing that clients should rely on.
 */
export class LogCursor {
  readonly #seen: (string | undefined)[];

  constructor(partitions: number) {
    this.#seen = new Array<string | undefined>(partitions).fill(undefined);
  }

  /** @throws InvalidRequestError for text that is no cursor of a log with so many partitions */
  static parse(text: string, partitions: number): LogCursor {
    const parts = text.split('.');
    if (parts.length !== partitions) throw invalidCursor();
    const cursor = new LogCursor(partitions);
    for (const [partition, part] of parts.entries()) {
      if (part !== NOTHING) cursor.#seen[partition] = formatPosition(partition, parseEntry(part));
    }
    return cursor;
  }

  /** Positions after which to go on; partitions of which nothing was seen have none. */
  get after(): readonly string[] {
    return this.#seen.filter((position) => position !== undefined);
  }

  moveTo(position: string): void {
    this.#seen[partitionOfPosition(position)] = position;
  }

  toString(): string {
    return this.#seen.map((position) => (position === undefined ? NOTHING : formatEntry(position))).join('.');
  }
}

function formatEntry(position: string): string {
  return entryIdOf(position)
    .split('-')
    .map((part) => BigInt(part).toString(36))
    .join('-');
}

function parseEntry(text: string): string {
  const [, ms, seq] = ENTRY.exec(text) ?? [];
  if (ms === undefined || seq === undefined) throw invalidCursor();
  return `${fromBase36(ms)}-${fromBase36(seq)}`;
}

/** Entry ids have 64 bits, more than a number keeps. */
function fromBase36(text: string): bigint {
  const value = [...text].reduce((sum, digit) => sum * 36n + BigInt(Number.parseInt(digit, 36)), 0n);
  if (value >= 2n ** 64n) throw invalidCursor();
  return value;
}

function invalidCursor(): InvalidRequestError {
  const message = 'must be a cursor that an answer of this path gave';
  return new InvalidRequestError([{ in: 'query', path: 'cursor', message }]);
}
