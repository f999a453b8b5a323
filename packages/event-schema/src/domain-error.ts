/** What kind of refusal it is: the HTTP side maps the kind to a status. */
export type DomainErrorKind = 'not-found' | 'state-forbids' | 'invalid-value';

/**
 * Base of every refusal of a command: the rules of the domain say no, nothing is appended, and another try changes
 * nothing. Neither its message nor its `shown` fields hold anything that the caller may not see.
 */
export abstract class DomainError extends Error {
  abstract readonly kind: DomainErrorKind;
  /** Names the refusal for programs, such as `ORDER_NOT_FOUND`. */
  abstract readonly code: string;
  /** Names it for people, the same for every occurrence: `Order not found`. */
  abstract readonly title: string;
  /** What a caller is told beside the message. */
  abstract readonly shown: Readonly<Record<string, unknown>>;
}

export interface RefusalDefinition<Fields extends object> {
  readonly code: string;
  readonly kind: DomainErrorKind;
  readonly title: string;
  readonly message: (fields: Fields) => string;
  /** Fields that a caller is told; default all. */
  readonly shows?: readonly (keyof Fields & string)[];
}

/** A class of refusals; its instances have the fields that they are made with. */
export type RefusalClass<Fields extends object> = new (fields: Fields) => DomainError & Readonly<Fields>;

/** Declares a refusal: `class` and `code` in one, `ORDER_NOT_FOUND` is called `OrderNotFoundError` in logs. */
export function defineRefusal<Fields extends object>({
  code,
  kind,
  title,
  message,
  shows,
}: RefusalDefinition<Fields>): RefusalClass<Fields> {
  const name = `${code.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Error`;
  class Refusal extends DomainError {
    readonly code = code;
    readonly kind = kind;
    readonly title = title;
    readonly shown: Readonly<Record<string, unknown>>;
    constructor(fields: Fields) {
      super(message(fields));
      this.name = name;
      this.shown = Object.fromEntries(
        Object.entries(fields).filter(([field]) => shows?.some((shown) => shown === field) ?? true),
      );
      Object.assign(this, fields);
    }
  }
  // `Object.assign` has given it the fields, which the compiler does not see
  return Refusal as unknown as RefusalClass<Fields>;
}
