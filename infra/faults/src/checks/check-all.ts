import type { Evidence } from '../evidence/evidence.ts';
import { checkAccountDays, checkAccounts, checkBalances, checkUsers } from './accounts-and-users.ts';
import { checkNumbers } from './analytics.ts';
import { checkBooks, checkRefunds } from './billing.ts';
import { checkDeclared } from './declared.ts';
import { checkLog } from './log.ts';
import { checkMails } from './mails.ts';
import { checkAudit, checkDays, checkOrders } from './read-models.ts';
import { checkRequests } from './requests.ts';
import { checkStalls } from './stalls.ts';

/** Violations by the name of the promise; every promise is there, kept ones with an empty list. */
export function checkAll(evidence: Evidence, leaseMs: number): Readonly<Record<string, readonly string[]>> {
  return {
    'versions without gaps, index like log': checkLog(evidence),
    'acknowledged writes once, none twice': checkRequests(evidence),
    'orders = fold of the log': checkOrders(evidence),
    'audit log = log': checkAudit(evidence),
    'daily summary = recount': checkDays(evidence),
    'accounts = fold of the log': checkAccounts(evidence),
    'users = fold of the log': checkUsers(evidence),
    'balances add up, none below zero': checkBalances(evidence),
    'daily deposits and withdrawals = recount': checkAccountDays(evidence),
    'declared projections = recount': checkDeclared(evidence),
    'analytics = recount': checkNumbers(evidence),
    'invoices and ledger = log, balanced': checkBooks(evidence),
    'cancelled orders refunded once': checkRefunds(evidence),
    'mails: none lost, duplicates only where a fault hit': checkMails(evidence, leaseMs),
    'stops of everything were noticed': checkStalls(evidence),
    'no dead letters': evidence.deadLetters,
  };
}
