import {
  mapByCode,
  type Problem,
  type ProblemContext,
  type ProblemMapper,
  type ProblemRule,
} from '@headrace/service-kit';
import { withDecimals } from '@headrace/shop';
import { CommandRefusedError } from './commands/errors.ts';

/** Every refusal of a command, by its code. */
const REFUSALS: Readonly<Record<string, ProblemRule>> = {
  ACCOUNT_NOT_FOUND: { status: 404, title: 'Account not found' },
  USER_NOT_FOUND: { status: 404, title: 'User not found' },

  ACCOUNT_ALREADY_OPEN: { status: 409, title: 'Account was opened already' },
  ACCOUNT_CLOSED: { status: 409, title: 'Account is closed' },
  INSUFFICIENT_FUNDS: { status: 409, title: 'Insufficient funds', fields: ['balance', 'asked'] },
  BALANCE_NOT_ZERO: { status: 409, title: 'Balance is not zero', fields: ['balance'] },
  USER_ALREADY_EXISTS: { status: 409, title: 'User exists already' },
  USER_DELETED: { status: 409, title: 'User was deleted' },

  AMOUNT_NOT_POSITIVE: { status: 422, title: 'Amount is not above zero' },
  CURRENCY_MISMATCH: { status: 422, title: 'Currency differs', fields: ['expected', 'actual'] },
  NOTHING_TO_UPDATE: { status: 422, title: 'Nothing to update' },
  TOO_MANY_ATTRIBUTES: { status: 422, title: 'Too many attributes', fields: ['limit'] },
  TOO_MANY_DECIMALS: { status: 422, title: 'Too many decimals', fields: ['amount', 'currency', 'allowed'] },
  UNKNOWN_CURRENCY: { status: 422, title: 'Unknown currency', fields: ['currency'] },
  AMOUNT_OUT_OF_RANGE: { status: 422, title: 'Amount out of range', fields: ['currency'] },
};

/** What this service's other routes refuse, and what it refuses in another way than the rest. */
const OTHERS: Readonly<Record<string, ProblemRule>> = {
  COMMAND_NOT_FOUND: { status: 404, title: 'Command not found', fields: ['commandId'] },
  // here it is the caller who names both the type and the stream
  CATEGORY_MISMATCH: { status: 400, title: 'Event of another category', fields: ['stream', 'expected'] },
};

const mapRefusal = mapByCode(REFUSALS);
const mapOther = mapByCode(OTHERS);

/** Maps what this service refuses, with amounts as decimal numbers, and names the command that was refused. */
export const eventApiProblems: ProblemMapper = (error, context) => {
  if (!(error instanceof CommandRefusedError)) return mapOther(error, context);
  const { commandId, refusal } = error;
  const found = mapRefusal(refusal, context) ?? mapConflict(refusal, context);
  if (found === undefined) return undefined;
  const { type, title, status, ...members } = found;
  const presented = Object.entries(members).map(([name, value]) => [name, withDecimals(value)]);
  return { ...Object.fromEntries(presented), commandId, type, title, status };
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
