import { describe } from 'vitest';
import { appendContract } from './append.contract.ts';
import { atOnceContract } from './at-once.contract.ts';
import { causalTimeContract } from './causal-time.contract.ts';
import { claimsContract } from './claims.contract.ts';
import { commandContract } from './commands.contract.ts';
import { handleContract } from './handle.contract.ts';
import { idempotencyContract } from './idempotency.contract.ts';
import { logContract } from './log.contract.ts';
import { longFoldContract } from './long-folds.contract.ts';
import { maintenanceContract } from './maintenance.contract.ts';
import { measuresContract } from './measures.contract.ts';
import { readLogContract } from './read-log.contract.ts';
import { readStreamContract } from './read-stream.contract.ts';
import { recordedCommandContract } from './recorded-commands.contract.ts';
import { snapshotContract } from './snapshots.contract.ts';
import type { OpenStore } from './tools.ts';
import { totalsContract } from './totals.contract.ts';
import { unreadableContract } from './unreadable.contract.ts';

/** What every event store must do. `openStore` gives each call a log of its own, unless `prefix` names one. */
export function eventStoreContract(name: string, openStore: OpenStore): void {
  describe(`an event store ${name}`, () => {
    logContract(openStore);
    appendContract(openStore);
    atOnceContract(openStore);
    idempotencyContract(openStore);
    claimsContract(openStore);
    causalTimeContract(openStore);
    readStreamContract(openStore);
    readLogContract(openStore);
    snapshotContract(openStore);
    longFoldContract(openStore);
    handleContract(openStore);
    unreadableContract(openStore);
    commandContract(openStore);
    recordedCommandContract(openStore);
    totalsContract(openStore);
    measuresContract(openStore);
    maintenanceContract(openStore);
  });
}
