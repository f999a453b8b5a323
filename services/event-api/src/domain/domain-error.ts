/** What kind of refusal it is: whoever reports it to a caller maps the kind, not each code. */
export type DomainErrorKind = 'not-found' | 'state-forbids' | 'invalid-value';

/** Base of every refusal of a command. Its message holds nothing that the caller may not see. */
export abstract class DomainError extends Error {
  abstract readonly kind: DomainErrorKind;
  abstract readonly code: string;
  /** Id of the aggregate that refused. */
  readonly aggregateId: string;
  constructor(aggregateId: string, message: string) {
    super(message);
    this.name = new.target.name;
    this.aggregateId = aggregateId;
  }
}
