/** What the demo saw; plain data, so that it can be printed as tables or as JSON. */
export interface Seen {
  readonly orders: readonly SeenOrder[];
}

export interface SeenOrder {
  readonly title: string;
  readonly orderId: string;
  /** Every request that changed the order, with its answer. */
  readonly steps: readonly Step[];
  /** `GET /orders/:id/history` at the end. */
  readonly history: readonly SeenEvent[];
  /** The order as it was read in several ways. */
  readonly states: readonly SeenState[];
}

export interface Step {
  /** Method and path. */
  readonly request: string;
  readonly status: string;
  readonly version: number;
  readonly eventId: string;
}

/** The fields of an event that the demo shows. */
export interface SeenEvent {
  readonly eventId: string;
  readonly version: number;
  readonly type: string;
  readonly recordedAt: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface SeenState {
  /** Head of the column: `now`, `?version=2`. */
  readonly label: string;
  /** From which it was read. */
  readonly url: string;
  readonly order: Readonly<Record<string, unknown>>;
}
