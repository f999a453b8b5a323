type Value = string | number;

/** Values kept for each name. Few, so that several requests concern the same order, account or projection. */
const KEPT = 15;
const LONGEST = 300;

/**
 * Values that the system has answered, by the name of the member: ids, versions, cursors and times. Without them no
 * request would concern anything that exists.
 */
export class KnownValues {
  readonly #values = new Map<string, Value[]>();

  /** Keeps every member of a JSON value, the latest of each name. */
  learn(json: unknown, name = ''): void {
    if (typeof json === 'string' || typeof json === 'number') this.#add(name, json);
    else if (Array.isArray(json)) for (const item of json.slice(0, KEPT)) this.learn(item, name);
    else if (typeof json === 'object' && json !== null)
      for (const [member, value] of Object.entries(json)) this.learn(value, member);
  }

  /** One of the values under one of the names, mostly the first; undefined if there is none. */
  recall(names: readonly string[], at: number): Value | undefined {
    const [first = [], ...others] = names.map((name) => this.#values.get(name) ?? []);
    const values = first.length > 0 && at % 4 > 0 ? first : [first, ...others].flat();
    return values[at % values.length];
  }

  #add(name: string, value: Value): void {
    if (typeof value === 'string' && value.length > LONGEST) return;
    const values = this.#values.get(name) ?? [];
    if (values.includes(value)) return;
    values.push(value);
    if (values.length > KEPT) values.shift();
    this.#values.set(name, values);
  }
}
