import { BEAT_MS, StallWatch } from './stall-watch.ts';

/** Started by `startStallWatch`: answers each message with the stalls up to then, and ends with its parent. */
const watch = new StallWatch(Date.now());
const tell = (): void => {
  watch.beat(Date.now());
  process.send?.(watch.stalls);
};
setInterval(() => watch.beat(Date.now()), BEAT_MS);
process.on('message', tell);
process.on('disconnect', () => process.exit());
tell();
