import { IdempotencyKeyReusedError } from '../append/append-errors.ts';
import { claimFingerprintOf, type IdempotentRequest } from '../append/idempotency.ts';
import { boundedTtl } from '../append/prepare-append.ts';
import { repeatUntilKnown } from '../connection/repeat-until-known.ts';
import { ReplyLostError, reading } from '../connection/translate-redis-error.ts';
import { requireOpen, type StoreContext } from '../context.ts';
import { StoreOutOfMemoryError, StoreUnavailableError } from '../errors.ts';
import { scripts } from '../scripts/store-scripts.ts';

/** A claim is kept this much longer than a receipt, s: the receipt is written later, by less than this. */
const OUTLIVES_RECEIPT_S = 3_600;

/** Waits until the claim has the declared durability. */
type Confirm = () => Promise<void>;

/**
 * Runs `work` if the key stands for this request, on any stream. The first request binds the key before `work` runs,
 * whether that succeeds or fails; the same request may be repeated at any time. A claim does not tell whether the work
 * was done before: `work` finds out by the same key.
 * @throws IdempotencyKeyReusedError, StoreUnavailableError, StoreOutOfMemoryError, InvalidAppendError: `work` was not
 *   begun. DurabilityNotReachedError: it was done, and the claim is not yet confirmed. And what `work` throws.
 */
export async function underKey<T>(
  context: StoreContext,
  request: IdempotentRequest | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (request === undefined) return await work();
  const confirm = await claim(context, request);
  const result = await work();
  // on one server the claim is confirmed with what `work` wrote after it; after a fail-over between the two the claim
  // may be lost, so it is confirmed by itself
  await confirm();
  return result;
}

/** A refused claim counts in the metrics as a refused append does. */
async function claim(context: StoreContext, request: IdempotentRequest): Promise<Confirm> {
  try {
    requireOpen(context);
    const key = context.keys.claim(request.key);
    const fingerprint = claimFingerprintOf(request);
    const ttlS = boundedTtl(request.ttlS ?? context.settings.idempotencyTtlS);
    return await claimOrLook(context, key, fingerprint, ttlS + OUTLIVES_RECEIPT_S);
  } catch (error) {
    context.meter.failed(error);
    throw error;
  }
}

/** A Redis at its memory limit still answers repeats, which need no room. */
async function claimOrLook(
  context: StoreContext,
  key: string,
  fingerprint: string,
  keptS: number,
): Promise<Confirm> {
  try {
    return await claimUntilKnown(context, key, fingerprint, keptS);
  } catch (error) {
    if (!(error instanceof StoreOutOfMemoryError)) throw error;
    const first = await reading(context.reader.get(key));
    if (first === null) throw error;
    if (first !== fingerprint) throw new IdempotencyKeyReusedError();
    return async () => undefined;
  }
}

/** After a lost reply it claims again, which changes nothing. */
async function claimUntilKnown(
  context: StoreContext,
  key: string,
  fingerprint: string,
  keptS: number,
): Promise<Confirm> {
  const claimOnce = async (): Promise<Confirm> => {
    const { reply, confirm } = await context.appends.run(scripts.claimKey, [key], [fingerprint, keptS]);
    const [status] = reply as ['claimed' | 'key-reused'];
    if (status === 'key-reused') throw new IdempotencyKeyReusedError();
    return async () => await confirm?.(key, 0);
  };
  try {
    return await claimOnce();
  } catch (error) {
    if (!(error instanceof ReplyLostError)) throw error;
    return await repeatUntilKnown(context, claimOnce, {
      isAnswer: (again) =>
        again instanceof IdempotencyKeyReusedError || again instanceof StoreOutOfMemoryError,
      giveUp: (last) =>
        new StoreUnavailableError('the idempotency key could not be claimed; nothing was done', {
          cause: last,
        }),
    });
  }
}
