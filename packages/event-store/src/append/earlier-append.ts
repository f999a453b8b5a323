import { type EventEnvelope, entryIdOf } from '@headrace/event-schema';
import type { StoreContext } from '../context.ts';
import { readStream, readStreamPage } from '../read/read-stream.ts';
import { IdempotencyKeyReusedError } from './append-errors.ts';
import { type AppendResult, consecutive } from './append-result.ts';
import type { Attempt } from './prepared-append.ts';

/**
 * The result of this append if it was done before, recognised by the event at its expected version + 1; undefined if that
 * is another writer's. Without a key that event has our command id: the reply was lost, or the caller tries again. With a
 * key the receipt tells while it is kept; a creation is recognised even after that.
 * @throws IdempotencyKeyReusedError if the key created the stream with another request
 */
export async function earlierAppend(
  context: StoreContext,
  attempt: Attempt,
): Promise<AppendResult | undefined> {
  const { stream, partition, expected, commandId, fingerprint, count } = attempt;
  const before = expected === 'no-stream' ? 0 : expected;
  if (typeof before !== 'number' || (fingerprint !== '' && before !== 0)) return undefined;
  const { version, events } = await readStreamPage(context, stream, before + 1, before + 1);
  const first = events[0];
  if (first?.meta.commandId !== commandId) return undefined;
  if (fingerprint !== '') return await earlierCreation(context, first, fingerprint);
  if (version < before + count) return undefined;
  const positions = consecutive(partition, entryIdOf(first.position), count);
  return { stream, version: before + count, positions, replayed: true };
}

/** Everything that the creating request appended, even if the command would lead to other events today. */
async function earlierCreation(
  context: StoreContext,
  { stream, meta }: EventEnvelope,
  fingerprint: string,
): Promise<AppendResult> {
  if (meta.fingerprint !== fingerprint) throw new IdempotencyKeyReusedError(stream);
  const positions: string[] = [];
  for await (const event of readStream(context, stream, {})) {
    if (event.meta.commandId !== meta.commandId || event.meta.fingerprint !== fingerprint) break;
    positions.push(event.position);
  }
  return { stream, version: positions.length, positions, replayed: true };
}
