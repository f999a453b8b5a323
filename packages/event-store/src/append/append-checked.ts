import {
  type AnyHistory,
  ContractViolationError,
  categoryOfStream,
  type DomainEvent,
} from '@headrace/event-schema';
import type { StoreContext } from '../context.ts';
import { type LoadedForDecision, loadForDecision } from '../read/load-state.ts';
import { append, assertAppendable } from './append.ts';
import { ContradictsHistoryError, StreamBusyError, WrongExpectedVersionError } from './append-errors.ts';
import type { AppendOptions, ExpectedVersion } from './append-options.ts';
import type { AppendResult } from './append-result.ts';
import type { CheckedState } from './checked-state.ts';
import { backOff, MAX_ATTEMPTS } from './conflict-retry.ts';
import { scopeOf } from './idempotency.ts';
import type { NewEvent } from './new-events.ts';

/**
 * As `append`, for events from outside that no decider has produced: refuses those that contradict their stream's
 * history, also with concurrent writers. One read more than `append`; none for categories without a history.
 * @throws what `append` throws, ContradictsHistoryError, ContractViolationError for a field that this stream cannot have,
 *   UnreadableEventError if the state is not known, StreamBusyError if other writers were always faster: nothing was
 *   appended
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
  const request: CheckedAppend = { context, history, stream, events, options };
  return await context.queues.run(stream, async () => {
    try {
      return await appendUntilDone(request);
    } finally {
      if (!context.queues.hasWaiting(stream)) context.checkedStates.delete(stream);
    }
  });
}

/**
 * Checks whether `appendChecked` would accept the events on the stream as it is now; appends nothing.
 * @throws what `appendChecked` throws to refuse them
 */
export async function assertCanFollow(
  context: StoreContext,
  stream: string,
  events: readonly NewEvent[],
): Promise<void> {
  assertAppendable(context, stream, events, {});
  const history = historyOf(context, stream, events);
  if (history === undefined) return;
  const before = await loadForDecision(context, history.fold, stream, undefined);
  stateAfter({ context, history, stream, events, options: {} }, before);
}

/** Undefined if the events need no check. */
function historyOf(
  { registry }: StoreContext,
  stream: string,
  events: readonly NewEvent[],
): AnyHistory | undefined {
  const isRegistered = events.some(({ type }) => registry.contractOf(type) !== undefined);
  return isRegistered ? registry.historyOf(categoryOfStream(stream)) : undefined;
}

interface CheckedAppend {
  readonly context: StoreContext;
  readonly history: AnyHistory;
  readonly stream: string;
  readonly events: readonly NewEvent[];
  readonly options: AppendOptions;
}

async function appendUntilDone(request: CheckedAppend): Promise<AppendResult> {
  const { context, stream, options } = request;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    try {
      return await appendOnce(request);
    } catch (error) {
      const isOurs = error instanceof WrongExpectedVersionError && error.expected !== options.expectedVersion;
      if (!isOurs) throw error;
      context.checkedStates.delete(stream);
      await backOff(attempt, context.closing);
    }
  }
  throw new StreamBusyError(stream);
}

/** Never appends unchecked: the stream may reach an expected version between the read and the append. */
async function appendOnce(request: CheckedAppend): Promise<AppendResult> {
  const { context, stream, events, options } = request;
  const { expectedVersion = 'any' } = options;
  const { receipt, ...before } = await stateBefore(request);
  // the script answers with the receipt; if that has expired since, the version has passed
  if (receipt !== undefined) return await appendAt(request, Math.max(0, receipt.version - receipt.count));
  const { version } = before;
  if (isYetToCome(version, expectedVersion))
    throw counted(context, new WrongExpectedVersionError(stream, expectedVersion, version));
  // it cannot succeed any more, but may be a repeat of what was appended before
  if (hasPassed(version, expectedVersion)) return await append(context, stream, events, options);
  try {
    const state = stateAfter(request, before);
    const result = await appendAt(request, version);
    context.checkedStates.set(stream, { state, version: version + events.length });
    return result;
  } catch (error) {
    if (!(error instanceof ContradictsHistoryError)) throw error;
    return await earlierCreation(request, version, error);
  }
}

/** The state that the previous append of this process left; under a key the stream is read, for the receipt. */
async function stateBefore({
  context,
  history,
  stream,
  options,
}: CheckedAppend): Promise<CheckedState & Partial<LoadedForDecision<unknown>>> {
  const { idempotency } = options;
  const known = idempotency === undefined ? context.checkedStates.get(stream) : undefined;
  const scope = idempotency === undefined ? undefined : scopeOf(idempotency);
  return known ?? (await loadForDecision(context, history.fold, stream, scope));
}

async function appendAt(
  { context, stream, events, options }: CheckedAppend,
  version: number,
): Promise<AppendResult> {
  const expectedVersion = version === 0 ? 'no-stream' : version;
  return await append(context, stream, events, { ...options, expectedVersion });
}

/** A keyed request that created the stream, now at `version`, is recognised even after its receipt has expired. */
async function earlierCreation(
  request: CheckedAppend,
  version: number,
  refusal: ContradictsHistoryError,
): Promise<AppendResult> {
  const { context, options } = request;
  try {
    // on a stream that is not there it would be appended
    if (options.idempotency !== undefined && version > 0) return await appendAt(request, 0);
  } catch (error) {
    if (!(error instanceof WrongExpectedVersionError)) throw error;
  }
  throw counted(context, refusal);
}

function isYetToCome(version: number, expected: ExpectedVersion): boolean {
  if (expected === 'exists') return version === 0;
  return typeof expected === 'number' && version < expected;
}

function hasPassed(version: number, expected: ExpectedVersion): boolean {
  if (expected === 'no-stream') return version > 0;
  return typeof expected === 'number' && version > expected;
}

/** Counts a refusal that does not pass through `append`. */
function counted<Refusal extends Error>({ meter }: StoreContext, refusal: Refusal): Refusal {
  meter.failed(refusal);
  return refusal;
}

/**
 * The state after the events.
 * @throws ContradictsHistoryError, ContractViolationError
 */
function stateAfter({ context, history, stream, events }: CheckedAppend, before: CheckedState): unknown {
  const { fold, contradiction } = history;
  let { state, version } = before;
  for (const given of events) {
    version += 1;
    const event = asRead(context, given);
    if (event === undefined) continue;
    assertFits(context, history, stream, event, state);
    const why = contradiction(state, event);
    if (why !== undefined) throw new ContradictsHistoryError(stream, event.type, version, why);
    const at = given.occurredAt ?? new Date().toISOString();
    state = fold.evolve(state, event, { id: '', version, occurredAt: at, recordedAt: at });
  }
  return state;
}

/** Undefined for an unregistered type, which changes no state. */
function asRead(
  { registry }: StoreContext,
  { type, data, schemaVersion }: NewEvent,
): DomainEvent | undefined {
  if (registry.contractOf(type) === undefined) return undefined;
  return { type, data: registry.newest(type, data, schemaVersion) };
}

/** @throws ContractViolationError */
function assertFits(
  context: StoreContext,
  { issueOf }: AnyHistory,
  stream: string,
  event: DomainEvent,
  state: unknown,
): void {
  const issue = issueOf?.(state, event, stream);
  if (issue === undefined) return;
  const version = context.registry.contractOf(event.type)?.versions.length ?? 1;
  throw counted(context, new ContractViolationError(event.type, version, [issue]));
}
