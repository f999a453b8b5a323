import { loadScript } from './script.ts';

/** Every script of the store, read once when the module is loaded. */
export const scripts = {
  append: loadScript('append-n', import.meta.url),
  claimKey: loadScript('claim-key-1', import.meta.url),
  loadStream: loadScript('load-stream-4', import.meta.url),
  recognizeServer: loadScript('recognize-server-1', import.meta.url),
  readLog: loadScript('read-log-1', import.meta.url),
  readStream: loadScript('read-stream-2', import.meta.url),
  versionAt: loadScript('version-at-1', import.meta.url),
  saveSnapshot: loadScript('save-snapshot-2', import.meta.url),
  sendCommand: loadScript('send-command-3', import.meta.url),
  recordCommand: loadScript('record-command-2', import.meta.url),
  placeIndex: loadScript('place-index-3', import.meta.url),
  releaseHold: loadScript('release-hold-2', import.meta.url),
} as const;
