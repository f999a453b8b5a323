const STREAM_NAME = /^[A-Za-z0-9:_\-./@~]{1,256}$/;
const SEPARATOR = /[:_-]/;
const CATEGORY = /^[A-Za-z0-9./@~]+$/;

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

/** The part of a stream name before the first `:`, `_` or `-`; the whole name if there is none. */
export function categoryOfStream(stream: string): string {
  const end = stream.search(SEPARATOR);
  return end === -1 ? stream : stream.slice(0, end);
}

/** Thrown where a category is defined that `categoryOfStream` gives for no stream. */
export class InvalidCategoryError extends Error {
  readonly code = 'INVALID_CATEGORY';
  readonly category: string;
  constructor(category: string, definition: string) {
    super(
      `${definition} has the category "${category}", which no stream can have: the category of a stream is what stands before the first : _ or - of its name. Use letters, digits and . / @ ~ only, such as "${suggestionFor(category)}"`,
    );
    this.name = 'InvalidCategoryError';
    this.category = category;
  }
}

/** `bank-account` → `bankAccount` */
function suggestionFor(category: string): string {
  const [first = '', ...rest] = category.split(/[^A-Za-z0-9./@~]+/).filter((word) => word !== '');
  const camelCase = first + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return camelCase === '' ? 'order' : camelCase;
}

/**
 * @param definition what has the category, for the message: `event OrderPlaced`
 * @throws InvalidCategoryError
 */
export function assertCategory(category: string, definition: string): void {
  if (!CATEGORY.test(category)) throw new InvalidCategoryError(category, definition);
}

/**
 * The stream of an aggregate's id: the id itself when it already starts with the category and a separator
 * (`user_123`), else `category:id` (`account:ACC-001`).
 * @throws InvalidStreamNameError
 */
export function streamOf(category: string, id: string): string {
  const stream = streamNameFor(category, id);
  assertStreamName(stream);
  return stream;
}

function streamNameFor(category: string, id: string): string {
  const prefixed =
    id.length > category.length + 1 && id.startsWith(category) && SEPARATOR.test(id.charAt(category.length));
  return prefixed ? id : `${category}:${id}`;
}

/**
 * The one canonical id of those that lead to an aggregate's stream: `1` for `order:1`; `user_123` for itself.
 */
export function canonicalId(category: string, id: string): string {
  const rest = id.startsWith(`${category}:`) ? id.slice(category.length + 1) : '';
  return rest !== '' && streamNameFor(category, rest) === streamNameFor(category, id) ? rest : id;
}

/** False for `.` and `..`, which URLs remove from paths, percent-encoded or not (RFC 3986, 5.2.4). */
export function fitsIntoPath(name: string): boolean {
  return name !== '.' && name !== '..';
}
