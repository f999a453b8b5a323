import {
  type AnyHistory,
  ContractViolationError,
  categoryOfStream,
  currenciesIn,
  type DomainEvent,
} from '@headrace/event-schema';
import type { StoreContext } from '../context.ts';
import { ContradictsHistoryError, UnreadableEventError, WrongExpectedVersionError } from '../errors.ts';
import { type LoadedForDecision, loadForDecision } from '../read/load.ts';
import { append, assertAppendable } from './append.ts';
import type { AppendOptions } from './attempt.ts';
import type { NewEvent } from './events.ts';
import { scopeOf } from './idempotency.ts';
import type { AppendResult } from './result.ts';

/** Looks at the stream anew after a conflict before it is passed on to the caller. */
const MAX_ATTEMPTS = 20;

/**
 * As `append`, for events that come from outside, on which no decider has decided: refuses those that cannot follow on
 * what their stream says, however many write to it at once. One read more than `append`, and none for streams whose
 * category has no history.
 * @throws what `append` throws, ContradictsHistoryError, ContractViolationError for an amount in another currency
 */
export async function appendChecked(
  context: StoreContext,
  stream: string,
  events: readonly NewEvent[],
  options: AppendOptions,
): Promise<AppendResult> {
  assertAppendable(context, stream, events, options);
  const history = historyOf(context, stream, events);
  if (history === undefined) return await append(context, stream, events, options);
  return await context.turns.inTurn(stream, async () => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const pinned = await pinnedByHistory(context, history, stream, events, options);
        return await append(context, stream, events, pinned);
      } catch (error) {
        const isOurs =
          error instanceof WrongExpectedVersionError && error.expected !== options.expectedVersion;
        if (!isOurs || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  });
}

/**
 * Looks whether `appendChecked` could be done on the stream as it is now, and appends nothing.
 * @throws what `appendChecked` throws about what was asked for
 */
export async function assertCanFollow(
  context: StoreContext,
  stream: string,
  events: readonly NewEvent[],
): Promise<void> {
  assertAppendable(context, stream, events, {});
  const history = historyOf(context, stream, events);
  if (history !== undefined) await pinnedByHistory(context, history, stream, events, {});
}

/** Undefined where the events may follow on anything. */
function historyOf(
  { registry }: StoreContext,
  stream: string,
  events: readonly NewEvent[],
): AnyHistory | undefined {
  const isRegistered = events.some(({ type }) => registry.contractOf(type) !== undefined);
  return isRegistered ? registry.historyOf(categoryOfStream(stream)) : undefined;
}

/** The options with the version at which the events were looked at; as they are where the append has an answer already. */
async function pinnedByHistory(
  context: StoreContext,
  history: AnyHistory,
  stream: string,
  events: readonly NewEvent[],
  options: AppendOptions,
): Promise<AppendOptions> {
  const { expectedVersion = 'any', idempotency } = options;
  const scope = idempotency === undefined ? undefined : scopeOf(idempotency);
  let before: LoadedForDecision<unknown>;
  try {
    before = await loadForDecision(context, history.fold, stream, scope);
  } catch (error) {
    // what nobody can read nobody can contradict; its readers stop at that event anyway
    if (error instanceof UnreadableEventError) return options;
    throw error;
  }
  const { receipt, version } = before;
  if (receipt !== undefined || !isAt(version, expectedVersion)) return options;
  assertFollows(context, history, stream, events, before);
  return { ...options, expectedVersion: version === 0 ? 'no-stream' : version };
}

function isAt(version: number, expected: NonNullable<AppendOptions['expectedVersion']>): boolean {
  if (expected === 'any') return true;
  if (expected === 'exists') return version > 0;
  return version === (expected === 'no-stream' ? 0 : expected);
}

function assertFollows(
  context: StoreContext,
  history: AnyHistory,
  stream: string,
  events: readonly NewEvent[],
  before: LoadedForDecision<unknown>,
): void {
  const { fold, contradiction } = history;
  let { state, version } = before;
  for (const given of events) {
    version += 1;
    const event = asRead(context, given);
    if (event === undefined) continue;
    assertCurrency(context, history, stream, event, state);
    const why = contradiction(state, event);
    if (why !== undefined) throw new ContradictsHistoryError(stream, event.type, version, why);
    const at = given.occurredAt ?? new Date().toISOString();
    state = fold.evolve(state, event, { id: '', version, occurredAt: at, recordedAt: at });
  }
}

/** Undefined for a type without a contract, which changes no state. */
function asRead(
  { registry }: StoreContext,
  { type, data, schemaVersion }: NewEvent,
): DomainEvent | undefined {
  if (registry.contractOf(type) === undefined) return undefined;
  return { type, data: registry.newest(type, data, schemaVersion) };
}

/** @throws ContractViolationError */
function assertCurrency(
  { registry }: StoreContext,
  { currencyOf }: AnyHistory,
  stream: string,
  { type, data }: DomainEvent,
  state: unknown,
): void {
  const currency = currencyOf(state);
  const [named] = currenciesIn(data);
  if (currency === undefined || named === undefined || named.currency === currency) return;
  const message = `is ${named.currency}, and ${stream} is in ${currency}: give the amount in ${currency}`;
  const version = registry.contractOf(type)?.versions.length ?? 1;
  throw new ContractViolationError(type, version, [{ path: named.path, message }]);
}
