import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const projectDir = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[/\\]$/, '');

/** Where `npm start` keeps the data of its servers. */
export const defaultDataDir = `${projectDir}/.data`;

/** What may be deleted at any time and is fetched again when needed. */
export const cacheDir = `${projectDir}/.cache`;
