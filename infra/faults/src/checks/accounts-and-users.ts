import { isDeepStrictEqual } from 'node:util';
import type { EventEnvelope } from '@headrace/event-schema';
import {
  ACCOUNT_CATEGORY,
  type AccountEvent,
  accountFold,
  USER_CATEGORY,
  type UserEvent,
  userFold,
} from '@headrace/shop';
import type { AccountDaysRow, Evidence } from '../evidence/evidence.ts';
import { eventsOf, foldByStream } from './log.ts';
import { compareRows, withTimesAsText } from './read-models.ts';

type AccountEnvelope = EventEnvelope & AccountEvent;
type UserEnvelope = EventEnvelope & UserEvent;

function accountEvents(evidence: Pick<Evidence, 'log'>): readonly AccountEnvelope[] {
  return eventsOf(evidence).filter((event): event is AccountEnvelope => event.category === ACCOUNT_CATEGORY);
}

function userEvents(evidence: Pick<Evidence, 'log'>): readonly UserEnvelope[] {
  return eventsOf(evidence).filter((event): event is UserEnvelope => event.category === USER_CATEGORY);
}

/** The accounts read model is the fold of the log. */
export function checkAccounts(evidence: Pick<Evidence, 'log' | 'accounts'>): readonly string[] {
  const expected = [...foldByStream(accountFold, accountEvents(evidence))].map(([stream, state]) => {
    const { owner, currency, status, balance } = state;
    return { stream, owner, currency, status, balance_minor: balance.minor, state };
  });
  return compareRows('accounts', expected, withTimesAsText(evidence.accounts));
}

/** The users read model is the fold of the log. */
export function checkUsers(evidence: Pick<Evidence, 'log' | 'users'>): readonly string[] {
  const expected = [...foldByStream(userFold, userEvents(evidence))].map(([stream, state]) => {
    return { stream, status: state.status, created_at: state.createdAt, state };
  });
  return compareRows('users', expected, withTimesAsText(evidence.users));
}

/** Every balance is the one before plus the movement: no movement was decided on a stale balance. */
export function checkBalances(evidence: Pick<Evidence, 'log'>): readonly string[] {
  const balances = new Map<string, number>();
  return accountEvents(evidence).flatMap(({ type, data, stream, version }) => {
    if (type !== 'MoneyDeposited' && type !== 'MoneyWithdrawn') return [];
    const before = balances.get(stream) ?? 0;
    const expected = before + (type === 'MoneyDeposited' ? data.amount.minor : -data.amount.minor);
    const { minor } = data.balanceAfter;
    balances.set(stream, minor);
    if (minor === expected && minor >= 0) return [];
    return [
      `version ${version} of ${stream} tells a balance of ${minor} after ${before}, which makes ${expected}`,
    ];
  });
}

/** The daily movements of each account are those of its events. */
export function checkAccountDays(evidence: Pick<Evidence, 'log' | 'accountDays'>): readonly string[] {
  const expected = new Map<string, AccountDaysRow>();
  for (const { type, data, stream, occurredAt } of accountEvents(evidence)) {
    if (type !== 'MoneyDeposited' && type !== 'MoneyWithdrawn') continue;
    const { minor, currency } = data.amount;
    const day = occurredAt.slice(0, 10);
    const id = `${stream} ${day} ${currency}`;
    const row = expected.get(id) ?? { id, day, currency, deposits_minor: '0', withdrawals_minor: '0' };
    const column = type === 'MoneyDeposited' ? 'deposits_minor' : 'withdrawals_minor';
    expected.set(id, { ...row, [column]: String(BigInt(row[column]) + BigInt(minor)) });
  }
  const found = new Map(evidence.accountDays.map((row) => [row.id, { ...row }]));
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((id) => {
    const [said, log] = [found.get(id), expected.get(id)];
    return isDeepStrictEqual(said, log)
      ? []
      : [`account_days says ${JSON.stringify(said)} of ${id}, the log ${JSON.stringify(log)}`];
  });
}
