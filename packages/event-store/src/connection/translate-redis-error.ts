import { EventStoreError, StoreOutOfMemoryError, StoreUnavailableError } from '../errors.ts';
import { refusesAllCommands } from './transient-failures.ts';

/** The command was sent and its answer never came: it may have been done or not. */
export class ReplyLostError extends Error {
  readonly code = 'REPLY_LOST';
  constructor(cause: unknown) {
    super('the connection to Redis broke before the answer came', { cause });
    this.name = 'ReplyLostError';
  }
}

const NOT_SENT = "Stream isn't writeable and enableOfflineQueue options is false";

/** The store's error for what ioredis throws: refused by the server, not sent, or sent without an answer. */
export function translateFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof EventStoreError) return error;
  if (error.name === 'ReplyError') {
    if (error.message.startsWith('OOM')) return new StoreOutOfMemoryError(error);
    if (refusesAllCommands(error.message)) {
      return new StoreUnavailableError(
        `Redis refuses commands at the moment: ${error.message.split(' ', 1)[0]}`,
        { cause: error },
      );
    }
    return error;
  }
  if (error.message === NOT_SENT)
    return new StoreUnavailableError('Redis cannot be reached', { cause: error });
  return new ReplyLostError(error);
}

/** For commands that change nothing or may be repeated: a lost reply is an unavailable store. */
export async function reading<T>(command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch (error) {
    const failure = translateFailure(error);
    if (failure instanceof ReplyLostError)
      throw new StoreUnavailableError('Redis cannot be reached', { cause: error });
    throw failure;
  }
}
