import type { DataOf, EventContract } from './contract.ts';
import type { EventEnvelope } from './envelope.ts';

/**
 * Data of events by event type. A map with an index signature, as this one, allows types that it does not list; so
 * `EventMap` alone is "any event".
 */
export type EventMap = Readonly<Record<string, unknown>>;

/** The events of a list of contracts, in their newest versions. */
export type EventMapOf<Contracts extends readonly EventContract[]> = {
  readonly [Contract in Contracts[number] as Contract['type']]: DataOf<Contract>;
};

/** The event types that a map lists by name; never for `EventMap` itself. */
export type ListedType<Events extends EventMap> = keyof {
  [Type in keyof Events as string extends Type ? never : Type]: unknown;
} &
  string;

/** The `{ type, data }` pairs that may be written where these events are registered. */
export type EventIn<Events extends EventMap, Type extends keyof Events & string = keyof Events & string> =
  // distributes over the types, so that each comes with its own data
  Type extends unknown ? { readonly type: Type; readonly data: Events[Type] } : never;

/** Envelopes of these types, each with its own data. */
export type EnvelopeIn<
  Events extends EventMap,
  Type extends string = keyof Events & string,
> = Type extends keyof Events ? EventEnvelope<Type, Events[Type]> : never;

/** Event types that readers may ask for: those listed by name, and any where none is. */
export type ReadableType<Events extends EventMap> = [ListedType<Events>] extends [never]
  ? string
  : ListedType<Events>;

/** What a reader of these types gets; any event where it has not named its types. */
export type ReadEvent<Events extends EventMap, Type extends string> = string extends Type
  ? EventEnvelope
  : EnvelopeIn<Events, Type>;
