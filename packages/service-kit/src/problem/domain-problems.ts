import { DomainError, type DomainErrorKind } from '@headrace/event-schema';
import { type ProblemMapper, slugOf } from './map-by-code.ts';
import { problem } from './problem.ts';

const STATUS: Readonly<Record<DomainErrorKind, number>> = {
  'not-found': 404,
  'state-forbids': 409,
  'invalid-value': 422,
};

/**
 * Maps every refusal of the domain by its kind.
 * @param present makes a field of it what callers see, such as money a decimal number; default as it is
 */
export function domainProblems(present: (value: unknown) => unknown = (value) => value): ProblemMapper {
  return (error) => {
    if (!(error instanceof DomainError)) return undefined;
    const { code, kind, title, message: detail, shown } = error;
    const members = Object.entries(shown)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, present(value)]);
    return problem(STATUS[kind], slugOf(code), title, { ...Object.fromEntries(members), detail });
  };
}
