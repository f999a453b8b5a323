import {
  assertFoldCategory,
  CategoryMismatchError,
  ContractViolationError,
  type Decider,
  type DomainEvent,
  recordedMsOf,
  UnregisteredTypeError,
} from '@headrace/event-schema';
import { SpanKind } from '@opentelemetry/api';
import { append } from './append/append.ts';
import {
  IdempotencyKeyReusedError,
  InvalidDecisionError,
  WrongExpectedVersionError,
} from './append/append-errors.ts';
import type { AppendContext, AppendOptions } from './append/append-options.ts';
import { type AppendResult, resultOfReceipt } from './append/append-result.ts';
import { backOff, MAX_ATTEMPTS } from './append/conflict-retry.ts';
import { fingerprintOf, type IdempotentRequest, scopeOf } from './append/idempotency.ts';
import { requireOpen, type StoreContext } from './context.ts';
import { load, loadForDecision } from './read/load-state.ts';
import { currentTrace, inSpan } from './tracing/spans.ts';

export interface HandleOptions extends AppendContext {
  /** Decide only if the stream is at this version; a conflict is then thrown. */
  readonly expectedVersion?: number;
  readonly idempotency?: IdempotentRequest;
  /** The command creates its stream: decide on the initial state, and load only if the stream exists. */
  readonly creates?: boolean;
}

export interface HandleResult<State> {
  readonly stream: string;
  /** State after the command's events, also if a repeat comes when the stream has more events. */
  readonly state: State;
  readonly version: number;
  /** Positions of the command's events; empty if the decider returned none. */
  readonly positions: readonly string[];
  /** True if this is the answer to an earlier request under the same idempotency key. */
  readonly replayed: boolean;
}

/**
 * Executes one command on one stream: looks up the idempotency key, loads, decides, and appends at the version it saw;
 * decides again when another writer was faster.
 * @throws what `decide` throws to refuse, UnreadableEventError where the state cannot be known (nothing is
 *   appended), InvalidCategoryError for a category that no stream can have, InvalidDecisionError, and what
 *   `append` throws about anything but the events
 */
export async function handle<Command, State, Event extends DomainEvent>(
  context: StoreContext,
  decider: Decider<Command, State, Event>,
  stream: string,
  command: Command,
  options: HandleOptions,
): Promise<HandleResult<State>> {
  requireOpen(context);
  assertFoldCategory(decider);
  const queued = (): Promise<HandleResult<State>> =>
    context.queues.run(stream, () => decideUntilDone(context, decider, stream, command, options));
  const parent = currentTrace(options.traceparent);
  if (parent === undefined) return await queued();
  const attributes = { 'headrace.stream': stream, 'headrace.category': decider.category };
  return await inSpan(parent, { name: 'handle', kind: SpanKind.INTERNAL, attributes }, async (span) => {
    const result = await queued();
    span.setAttributes({ 'headrace.version': result.version, 'headrace.replayed': result.replayed });
    return result;
  });
}

async function decideUntilDone<Command, State, Event extends DomainEvent>(
  context: StoreContext,
  decider: Decider<Command, State, Event>,
  stream: string,
  command: Command,
  options: HandleOptions,
): Promise<HandleResult<State>> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const basis =
        attempt === 1 && options.creates === true
          ? { state: decider.initialState, version: 0 }
          : await decisionBasis(context, decider, stream, options);
      if (isAnswer(basis)) return basis;
      return await decideAndAppend(context, decider, stream, command, basis, options);
    } catch (error) {
      if (!decidesAnew(error, options, attempt)) throw error;
      await backOff(attempt, context.closing);
    }
  }
}

function decidesAnew(error: unknown, options: HandleOptions, attempt: number): boolean {
  if (!(error instanceof WrongExpectedVersionError) || attempt >= MAX_ATTEMPTS) return false;
  return options.expectedVersion === undefined || error.expected !== options.expectedVersion;
}

interface Basis<State> {
  readonly state: State;
  readonly version: number;
}

function isAnswer<State>(basis: Basis<State> | HandleResult<State>): basis is HandleResult<State> {
  return 'positions' in basis;
}

async function decisionBasis<Command, State, Event extends DomainEvent>(
  context: StoreContext,
  decider: Decider<Command, State, Event>,
  stream: string,
  options: HandleOptions,
): Promise<Basis<State> | HandleResult<State>> {
  const { idempotency, expectedVersion } = options;
  const scope = idempotency === undefined ? undefined : scopeOf(idempotency);
  const { receipt, state, version } = await loadForDecision(context, decider, stream, scope);
  if (receipt !== undefined && idempotency !== undefined) {
    if (receipt.fingerprint !== fingerprintOf(idempotency)) throw new IdempotencyKeyReusedError(stream);
    const { positions } = resultOfReceipt(stream, context.keys.partitionOf(stream), receipt);
    return { stream, state, version, positions, replayed: true };
  }
  if (expectedVersion !== undefined && version !== expectedVersion) {
    throw new WrongExpectedVersionError(stream, expectedVersion, version);
  }
  return { state, version };
}

async function decideAndAppend<Command, State, Event extends DomainEvent>(
  context: StoreContext,
  decider: Decider<Command, State, Event>,
  stream: string,
  command: Command,
  seen: Basis<State>,
  options: HandleOptions,
): Promise<HandleResult<State>> {
  const events = decider.decide(command, seen.state);
  if (events.length === 0) return { stream, ...seen, positions: [], replayed: false };
  const expectedVersion = seen.version === 0 ? 'no-stream' : seen.version;
  const appended = await appendDecision(context, stream, events, { ...options, expectedVersion });
  if (appended.replayed) {
    const { state, version } = await load(context, decider, stream, { version: appended.version });
    return { stream, state, version, positions: appended.positions, replayed: true };
  }
  let { state } = seen;
  for (const [i, event] of events.entries()) {
    const position = appended.positions[i] ?? '';
    const time = new Date(recordedMsOf(position)).toISOString();
    state = decider.evolve(state, event, {
      id: position,
      version: seen.version + i + 1,
      occurredAt: time,
      recordedAt: time,
    });
  }
  return { stream, state, version: appended.version, positions: appended.positions, replayed: false };
}

/**
 * @throws InvalidDecisionError if an event breaks its contract: the error of `append` would blame the caller's data;
 *   otherwise what `append` throws
 */
async function appendDecision(
  context: StoreContext,
  stream: string,
  events: readonly DomainEvent[],
  options: AppendOptions,
): Promise<AppendResult> {
  try {
    return await append(context, stream, events, options);
  } catch (error) {
    if (
      error instanceof ContractViolationError ||
      error instanceof CategoryMismatchError ||
      error instanceof UnregisteredTypeError
    )
      throw new InvalidDecisionError(stream, error);
    throw error;
  }
}
