import { IdempotencyKeyReusedError } from '../append/append-errors.ts';
import { boundedTtl } from '../append/attempt.ts';
import { claimFingerprintOf, type IdempotentRequest } from '../append/idempotency.ts';
import { ReplyLostError, reading } from '../connection/failures.ts';
import { repeatUntilKnown } from '../connection/repeat-until-known.ts';
import { requireOpen, type StoreContext } from '../context.ts';
import { StoreOutOfMemoryError, StoreUnavailableError } from '../errors.ts';
import { scripts } from '../scripts/index.ts';

/**
 * The receipt of what is done under a key is written after the claim and kept from then on; the claim outlives it by
 * this, less the time between the two, s. No request takes as long.
 */
const OUTLIVES_RECEIPT_S = 3_600;

/** Waits until the claim is as durable as declared. */
type Confirm = () => Promise<void>;

/**
 * Does `work` if the key stands for this request and no other, on whatever stream. The first to come binds the key,
 * before `work` and whatever becomes of it; the same request may always come again. A claim is no effect: whether
 * the work was done before is for `work` to find out, by the same key.
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
  // one server has the claim before it has what `work` wrote, and confirms it with that; but after a fail-over between
  // the two the claim is gone, and an answer would promise what nobody holds
  await confirm();
  return result;
}

/** As a refused append, a refused claim shows in the store's metrics. */
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

/** A full Redis still answers repeats: what they ask for is there, and needs no room. */
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

/** A lost reply is met by claiming again, which changes nothing. */
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
