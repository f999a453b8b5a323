import { openEventStore } from '@headrace/event-store';
import { shopRegistry } from '@headrace/shop';
import { HELP, parseCommand } from './options.ts';
import { run } from './run.ts';

/** `npm run log`: exit code 0 all is well, 1 it is not, or it could not be told. */
async function main(): Promise<boolean> {
  const command = parseCommand(process.argv.slice(2));
  if (command.name === 'help') {
    process.stdout.write(HELP);
    return true;
  }
  const { REDIS_PORT = '6390', LOG_PARTITIONS = '8', KEY_PREFIX = 'headrace' } = process.env;
  const { REDIS_URL = `redis://127.0.0.1:${REDIS_PORT}` } = process.env;
  const store = await openEventStore({
    redisUrl: REDIS_URL,
    partitions: Number(LOG_PARTITIONS),
    prefix: KEY_PREFIX,
    registry: shopRegistry,
  }).catch((error: unknown) => {
    throw new Error(`${messageOf(error)} Redis was looked for at ${addressOf(REDIS_URL)}.`, { cause: error });
  });
  try {
    return await run(store, command, (line) => process.stdout.write(`${line}\n`));
  } finally {
    await store.close();
  }
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.endsWith('.') ? message : `${message}.`;
}

/** Without the password. */
function addressOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'what REDIS_URL says';
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
