import type { DataOf, EventContract } from './contract.ts';

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
