const STREAM_NAME = /^[A-Za-z0-9:_\-./@~]{1,256}$/;
const SEPARATOR = /[:_-]/;

/** Thrown for a stream name with a character or a length that is not allowed. */
export class InvalidStreamNameError extends Error {
  readonly code = 'INVALID_STREAM_NAME';
  readonly stream: string;
  constructor(stream: string) {
    const shown = stream.length > 80 ? `${stream.slice(0, 80)}… (${stream.length} characters)` : stream;
    super(
      `"${shown}" is not a stream name: 1 to 256 characters of letters, digits and : _ - . / @ ~ are allowed`,
    );
    this.name = 'InvalidStreamNameError';
    this.stream = stream;
  }
}

export function isStreamName(name: string): boolean {
  return STREAM_NAME.test(name);
}

/** @throws InvalidStreamNameError */
export function assertStreamName(name: string): void {
  if (!isStreamName(name)) throw new InvalidStreamNameError(name);
}

/** What stands before the first `:`, `_` or `-` of a stream name; the whole name where there is none. */
export function categoryOfStream(stream: string): string {
  const end = stream.search(SEPARATOR);
  return end === -1 ? stream : stream.slice(0, end);
}

/**
 * The stream of an aggregate's id: the id itself when it already starts with the category and a separator
 * (`user_123`), else `category:id` (`account:ACC-001`).
 * @throws InvalidStreamNameError
 */
export function streamOf(category: string, id: string): string {
  const stream = ledTo(category, id);
  assertStreamName(stream);
  return stream;
}

function ledTo(category: string, id: string): string {
  const prefixed =
    id.length > category.length + 1 && id.startsWith(category) && SEPARATOR.test(id.charAt(category.length));
  return prefixed ? id : `${category}:${id}`;
}

/**
 * The one id of an aggregate, of those that lead to its stream: of `order:1` it is `1`. `user_123` has no other.
 */
export function canonicalId(category: string, id: string): string {
  const rest = id.startsWith(`${category}:`) ? id.slice(category.length + 1) : '';
  return rest !== '' && ledTo(category, rest) === ledTo(category, id) ? rest : id;
}

/** Whether a client can put a name into a path: URLs resolve these two away, percent-encoded or not (RFC 3986, 5.2.4). */
export function fitsIntoPath(name: string): boolean {
  return name !== '.' && name !== '..';
}
