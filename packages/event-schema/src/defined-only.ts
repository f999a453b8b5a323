/** `T` with absent fields absent: no field holds `undefined`. */
export type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/**
 * Leaves out the fields that hold `undefined`, so that data in memory equals the same data read back from
 * JSON. Meant for spreading optional fields: `{ orderId, ...definedOnly({ email }) }`.
 */
export function definedOnly<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
