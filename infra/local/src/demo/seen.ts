/** What the demo saw; plain data, so that it can be printed as tables or as JSON. */
export interface Seen {
  readonly orders: readonly SeenOrder[];
}

export interface SeenOrder {
  readonly title: string;
  readonly orderId: string;
  /** Every request that changed the order, and what it was answered. */
  readonly steps: readonly Step[];
  /** `GET /orders/:id/history` at the end. */
  readonly history: readonly SeenEvent[];
  /** The order as several reads of it gave it. */
  readonly states: readonly SeenState[];
}

export interface Step {
  /** Method and path. */
  readonly request: string;
  readonly status: string;
  readonly version: number;
  readonly eventId: string;
}

/** An event, as far as the demo shows it. */
export interface SeenEvent {
  readonly eventId: string;
  readonly version: number;
  readonly type: string;
  readonly recordedAt: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface SeenState {
  /** Heads the column: `now`, `?version=2`. */
  readonly label: string;
  /** Where it was read. */
  readonly url: string;
  readonly order: Readonly<Record<string, unknown>>;
}
