export type { Database, DatabaseOptions } from './database/database.ts';
export { createDatabase } from './database/database.ts';
export { recognizeLog } from './database/known-log.ts';
export { pipelined } from './database/pipelined.ts';
export { BeginAnewError } from './sink/begin-anew.ts';
export { createPostgresSink } from './sink/postgres-sink.ts';
export { removeGroup } from './sink/remove-group.ts';
export { storableText } from './storable-text.ts';
