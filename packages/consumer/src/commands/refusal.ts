import { DomainError } from '@headrace/event-schema';
import { WrongExpectedVersionError } from '@headrace/event-store';

/** An answer of the domain or of a precondition: nothing was appended, and the command has failed. */
export type Refusal = DomainError | WrongExpectedVersionError;

export function isRefusal(error: unknown): error is Refusal {
  return error instanceof DomainError || error instanceof WrongExpectedVersionError;
}

/** A refusal as a command's status keeps it. */
export interface CommandFailure {
  readonly code: string;
  readonly message: string;
}

export function failureOf({ code, message }: CommandFailure): CommandFailure {
  return { code, message };
}
