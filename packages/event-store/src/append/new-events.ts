import {
  assertStreamName,
  type EventIn,
  type EventMap,
  type EventMeta,
  type EventRegistry,
  fitsIntoPath,
  isBusinessTime,
  jsonFault,
} from '@headrace/event-schema';
import { APPEND_LIMITS } from '../store-settings.ts';
import { AppendTooLargeError, InvalidAppendError } from './append-errors.ts';

/** An event to be appended. `data` must be a JSON object. */
export interface NewEvent {
  readonly type: string;
  readonly data: unknown;
  /** Contract version of `data`. Default: the newest; older ones are for imports. */
  readonly schemaVersion?: number | undefined;
  /** Business time, ISO 8601 with `Z` or an offset. Default: the time of recording. */
  readonly occurredAt?: string | undefined;
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
  /** The event's id, in place of its position; for imports. */
  readonly id?: string | undefined;
}

/**
 * An event to be appended where `Events` are registered: data of its type's newest version. Data of an older version
 * (`schemaVersion`) is not known to the compiler, and appended through a plain `EventStore`.
 */
export type NewEventOf<Events extends EventMap, Type extends keyof Events & string> = NewEvent & {
  // beside the same in EventIn, since types are not inferred from a conditional type
  readonly type: Type;
} & EventIn<Events, Type>;

/** An event as the append script takes it: `meta` is empty if it equals that of the event before. */
export type EventRequest = readonly [
  type: string,
  schemaVersion: number,
  data: string,
  meta: string,
  id: string,
];

const TYPE_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/;

/**
 * Checks events against the rules for names, contracts and limits, and serialises them for the append script. `bytes` is
 * the size of all data and metadata.
 * @throws InvalidStreamNameError, InvalidAppendError, AppendTooLargeError, ContractViolationError, CategoryMismatchError,
 *   UnregisteredTypeError
 */
export function layOut(
  registry: EventRegistry,
  stream: string,
  events: readonly NewEvent[],
  meta: EventMeta,
): { readonly requests: readonly EventRequest[]; readonly bytes: number } {
  assertName(stream);
  if (events.length === 0) throw new InvalidAppendError(`an append to "${stream}" needs at least one event`);
  if (events.length > APPEND_LIMITS.events) {
    throw new AppendTooLargeError(
      `${events.length} events in one append; at most ${APPEND_LIMITS.events} are allowed`,
    );
  }
  const sharedMeta = JSON.stringify(meta);
  const requests: EventRequest[] = [];
  let total = 0;
  let metaBefore: string | undefined;
  for (const event of events) {
    const { schemaVersion, data } = serialise(registry, stream, event);
    const ownMeta =
      event.occurredAt === undefined && event.meta === undefined ? sharedMeta : eventMeta(event, meta);
    const bytes = Buffer.byteLength(data) + Buffer.byteLength(ownMeta);
    if (bytes > APPEND_LIMITS.eventBytes) {
      throw new AppendTooLargeError(
        `an event of type ${event.type} takes ${bytes} bytes; at most ${APPEND_LIMITS.eventBytes} are allowed`,
      );
    }
    total += bytes;
    requests.push([event.type, schemaVersion, data, ownMeta === metaBefore ? '' : ownMeta, event.id ?? '']);
    metaBefore = ownMeta;
  }
  if (total > APPEND_LIMITS.totalBytes) {
    throw new AppendTooLargeError(
      `the append takes ${total} bytes; at most ${APPEND_LIMITS.totalBytes} are allowed`,
    );
  }
  return { requests, bytes: total };
}

function assertName(stream: string): void {
  assertStreamName(stream);
  assertFitsIntoPath('stream', stream);
}

/** A name that no URL can contain could be written and not be requested. @throws InvalidAppendError */
function assertFitsIntoPath(what: string, name: string): void {
  if (!fitsIntoPath(name)) throw new InvalidAppendError(`the ${what} "${name}" cannot be put into a path`);
}

function serialise(
  registry: EventRegistry,
  stream: string,
  event: NewEvent,
): { schemaVersion: number; data: string } {
  if (!TYPE_NAME.test(event.type)) {
    throw new InvalidAppendError(
      `"${event.type.slice(0, 80)}" is not an event type: a letter, then up to 127 letters, digits and _ . -`,
    );
  }
  if (typeof event.data !== 'object' || event.data === null || Array.isArray(event.data)) {
    throw new InvalidAppendError(`data of ${event.type} must be a JSON object`);
  }
  assertFitsIntoPath('event id', event.id ?? '');
  const accepted = registry.accept(stream, event.type, event.data, event.schemaVersion);
  return { schemaVersion: accepted.schemaVersion, data: jsonObject(event.type, accepted.data) };
}

/** A `toJSON` may turn an object into anything; cycles and bigints have no JSON at all. */
function jsonObject(type: string, data: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(data);
  } catch (error) {
    throw new InvalidAppendError(`data of ${type} has no JSON form`, { cause: error });
  }
  if (json?.startsWith('{') !== true) throw new InvalidAppendError(`data of ${type} must be a JSON object`);
  // JSON.stringify writes only half of a surrogate pair like this; strict parsers refuse the whole page that it is on
  const fault = json.includes('\\ud') ? jsonFault(json) : undefined;
  if (fault !== undefined) throw new InvalidAppendError(`data of ${type}: ${fault.path} ${fault.message}`);
  return json;
}

/** The writer's own fields, overwritten by the store's. */
function eventMeta(event: NewEvent, meta: EventMeta): string {
  const { fingerprint: _, occurredAt: __, ...own } = event.meta ?? {};
  if (event.occurredAt === undefined) return jsonObject(event.type, { ...own, ...meta });
  if (!isBusinessTime(event.occurredAt))
    throw new InvalidAppendError(
      `occurredAt "${event.occurredAt.slice(0, 40)}" of ${event.type} is not an ISO 8601 date and time with Z or an offset, from year 1 to 9998`,
    );
  const occurredAt = new Date(event.occurredAt).toISOString();
  return jsonObject(event.type, { ...own, ...meta, occurredAt });
}
