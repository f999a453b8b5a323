/** What kind of refusal it is: the HTTP side maps the kind to a status. */
export type DomainErrorKind = 'not-found' | 'state-forbids' | 'invalid-value';

/**
 * Base of every refusal of a command: the rules of the domain say no, nothing is appended, and another try changes
 * nothing. Its message holds nothing that the caller may not see.
 */
export abstract class DomainError extends Error {
  abstract readonly kind: DomainErrorKind;
  /** Names the refusal for programs, such as `ORDER_NOT_FOUND`. */
  abstract readonly code: string;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
