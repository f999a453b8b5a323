import {
  domainProblems,
  mapByCode,
  type Problem,
  type ProblemContext,
  type ProblemMapper,
  type ProblemRule,
} from '@headrace/service-kit';
import { withDecimals } from '@headrace/shop';
import { CommandRefusedError } from './commands/errors.ts';

/** What this service's other routes refuse, and what it refuses in another way than the rest. */
const OTHERS: Readonly<Record<string, ProblemRule>> = {
  COMMAND_NOT_FOUND: { status: 404, title: 'Command not found', fields: ['commandId'] },
  // here it is the caller who names both the type and the stream
  CATEGORY_MISMATCH: { status: 400, title: 'Event of another category', fields: ['stream', 'expected'] },
};

const mapRefusal = domainProblems(withDecimals);
const mapOther = mapByCode(OTHERS);

/** Maps what this service refuses, with amounts as decimal numbers, and names the command that was refused. */
export const eventApiProblems: ProblemMapper = (error, context) => {
  if (!(error instanceof CommandRefusedError)) return mapOther(error, context);
  const { commandId, refusal } = error;
  const found = mapRefusal(refusal, context) ?? mapConflict(refusal, context);
  return found && { commandId, ...found };
};

function mapConflict(refusal: unknown, context: ProblemContext): Problem | undefined {
  const status = context.hasIfMatch ? 412 : 409;
  const title = 'The stream is at another version';
  const fields = ['stream', 'expected', 'actual'];
  return mapByCode({ WRONG_EXPECTED_VERSION: { status, title, fields } })(refusal, context);
}

/** Gives every problem the members that this API's answers have. */
export function withFailureMembers(problem: Problem): Problem {
  return { success: false, error: problem.detail ?? problem.title, ...problem };
}
