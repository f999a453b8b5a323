// biome-ignore lint/style/noProcessEnv: the one place where the size of this test is set.
const { REBUILD_EVENTS: asked } = process.env;

/**
 * Events that a rebuild goes through while orders keep arriving. A tenth of what is asked of a release, so that the
 * suite stays quick; for all of it: `REBUILD_EVENTS=200000`.
 */
export const REBUILD_EVENTS = Number(asked ?? 20_000);

/** How long one step over all the events may take. */
export const PATIENCE_MS = 60_000 + REBUILD_EVENTS;
