import { kindOf } from '@headrace/consumer';
import { describe, expect, it } from 'vitest';
import { isConnectionFailure } from './connection-failure.ts';
import { PACKAGE_RULES } from './problem-rules.ts';

const coded = (code: string): Error => Object.assign(new Error(`it failed with ${code}`), { code });
const replied = (message: string): Error => Object.assign(new Error(message), { name: 'ReplyError' });

const PASSES = [
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['EAI_AGAIN', 'ENOTFOUND', 'STORE_UNAVAILABLE', 'LOG_CHANGED'],
  // SQLSTATEs
  ...['08000', '08006', '08P01', '53000', '53100', '53200', '53300', '57P01', '57P02', '57P03', '57P05'],
  ...['57014', '55P03', '25P03', '25006', '40001', '40P01'],
  ...['28000', '28P01', '42501', '3D000', '3F000', '42P01'],
].map(coded);

const SAID = [
  ...['LOADING', 'READONLY', 'MASTERDOWN', 'CLUSTERDOWN', 'TRYAGAIN', 'BUSY', 'MISCONF', 'NOREPLICAS', 'OOM'],
  ...['NOAUTH', 'WRONGPASS', 'NOPERM'],
].map((word) => replied(`${word} of Redis`));

const DRIVERS = [
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Connection terminated unexpectedly',
  'Postgres connection has been discarded',
  'Client was closed and is not queryable',
  'Client has encountered a connection error and is not queryable',
  'Query read timeout',
  'Connection is closed.',
  'Command timed out',
  "Socket timeout. Expecting data, but didn't receive any in 5000ms.",
  "Stream isn't writeable and enableOfflineQueue options is false",
].map((message) => new Error(message));

// transient to a worker, while a response says more about each of them
const OWN_PROBLEM = [
  ...['STORE_OUT_OF_MEMORY', 'APPEND_OUTCOME_UNKNOWN', 'DURABILITY_NOT_GIVEN', 'DURABILITY_NOT_REACHED'],
  ...['PARTITION_HELD', 'STREAM_BUSY', 'LOG_DISPUTED', 'CLOCK_AHEAD', 'TRANSIENT'],
];

// a violated constraint, a value that does not fit, a bug in a statement, a trigger's refusal, a wrong command
const STAYS = [
  ...['23505', '23514', '22003', '22P02', '42601', '42703', '23001'].map(coded),
  replied('ERR x'),
];

describe('a failure of a server', () => {
  it.each([...PASSES, ...SAID, ...DRIVERS])('is 503, and nothing is parked for it: %s', (error) => {
    expect([isConnectionFailure(error), kindOf(error)]).toEqual([true, 'transient']);
  });

  it.each(OWN_PROBLEM)('is transient, with a problem of its own: %s', (code) => {
    expect([isConnectionFailure(coded(code)), kindOf(coded(code))]).toEqual([false, 'transient']);
    expect(PACKAGE_RULES[code]).toMatchObject({ status: 503 });
  });

  it.each(STAYS)('is none where the request or the event is to blame: %s', (error) => {
    expect([isConnectionFailure(error), kindOf(error)]).toEqual([false, 'poison']);
  });
});
