import { openEventStore } from '@headrace/event-store';
import { messageOf, runProgram, say } from '@headrace/local';
import { shopRegistry } from '@headrace/shop';
import { parseOperation } from './options.ts';

/** `npm run log`: exit code 0 if the log is in order, 1 if it is not or could not be checked. */
async function main(): Promise<number> {
  const operation = parseOperation(process.argv.slice(2));
  const { REDIS_PORT = '6390', LOG_PARTITIONS = '8', KEY_PREFIX = 'headrace' } = process.env;
  const { REDIS_URL = `redis://127.0.0.1:${REDIS_PORT}` } = process.env;
  const store = await openEventStore({
    redisUrl: REDIS_URL,
    partitions: Number(LOG_PARTITIONS),
    prefix: KEY_PREFIX,
    registry: shopRegistry,
  }).catch((error: unknown) => {
    throw new Error(`${sentence(error)} Redis was looked for at ${addressOf(REDIS_URL)}.`, { cause: error });
  });
  try {
    return (await operation(store, say)) ? 0 : 1;
  } finally {
    await store.close();
  }
}

function sentence(error: unknown): string {
  const message = messageOf(error);
  return message.endsWith('.') ? message : `${message}.`;
}

/** Without the password. */
function addressOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'what REDIS_URL says';
}

await runProgram(main, sentence);
