/** The part of node-eventstore that is used here; the package brings no types. */
declare module 'eventstore' {
  type Callback<Result> = (error: Error | null | undefined, result: Result) => void;

  interface EventStream {
    addEvent(event: object): void;
    commit(callback: Callback<EventStream>): void;
  }

  interface Eventstore {
    readonly store: { disconnect(callback: Callback<unknown>): void };
    init(callback: Callback<unknown>): void;
    getEventStream(query: { readonly aggregateId: string }, callback: Callback<EventStream>): void;
  }

  interface Options {
    readonly type: 'redis';
    readonly host: string;
    readonly port: number;
    readonly db: number;
    readonly prefix: string;
  }

  function openEventstore(options: Options): Eventstore;
  export = openEventstore;
}
