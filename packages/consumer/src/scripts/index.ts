import { loadScript } from '@headrace/event-store';

/** Every script of the runtime, read once when the module is loaded. */
export const scripts = {
  heartbeat: loadScript('heartbeat-1', import.meta.url),
  acquireLease: loadScript('acquire-lease-1', import.meta.url),
  renewLease: loadScript('renew-lease-1', import.meta.url),
  fetch: loadScript('fetch-2', import.meta.url),
  claim: loadScript('claim-3', import.meta.url),
  beginAttempt: loadScript('begin-attempt-2', import.meta.url),
  endAttempt: loadScript('end-attempt-1', import.meta.url),
  acknowledge: loadScript('acknowledge-3', import.meta.url),
  park: loadScript('park-6', import.meta.url),
  unpark: loadScript('unpark-6', import.meta.url),
  mirror: loadScript('mirror-2', import.meta.url),
  settleCommand: loadScript('settle-command-1', import.meta.url),
} as const;
