import { ContractViolationError, type NamedCurrency } from '@headrace/event-schema';
import type { StoreContext } from '../context.ts';
import { readStreamPage } from '../read/stream.ts';
import type { NewEvent } from './events.ts';

/**
 * For events that come from outside, on which nobody has decided with the stream's state before him: refuses those in
 * another currency than the stream's first event, by which accounts and orders are kept. One read, and none for events
 * that name no currency. What two writers begin at the same moment is not seen here; folds leave such events out.
 * @throws ContractViolationError
 */
export async function requireOneCurrency(
  context: StoreContext,
  stream: string,
  events: readonly NewEvent[],
): Promise<void> {
  const { registry } = context;
  const named = events.flatMap(({ type, data, schemaVersion }) => {
    const found = registry.currencyOf(type, data, schemaVersion);
    return found === undefined ? [] : [{ type, ...found }];
  });
  const [first] = named;
  if (first === undefined) return;
  const { currency } = (await currencyOfStream(context, stream)) ?? first;
  const other = named.find((one) => one.currency !== currency);
  if (other === undefined) return;
  const message = `is ${other.currency}, and ${stream} is in ${currency}: give the amount in ${currency}`;
  const version = registry.contractOf(other.type)?.versions.length ?? 1;
  throw new ContractViolationError(other.type, version, [{ path: other.path, message }]);
}

async function currencyOfStream(context: StoreContext, stream: string): Promise<NamedCurrency | undefined> {
  const [event] = (await readStreamPage(context, stream, 1, 1)).events;
  return event === undefined ? undefined : context.registry.currencyOf(event.type, event.data);
}
