import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Preloaded into a service: answers each message with its resident memory, in bytes, once its garbage is collected.
 * Needs `--expose-gc`.
 */
process.on('message', async () => {
  for (let i = 0; i < 3; i += 1) {
    globalThis.gc?.();
    // Pages go back to the system a little later.
    await sleep(200);
  }
  process.send?.(process.memoryUsage.rss());
});
// Listening to messages must not keep the service alive.
process.channel?.unref();
