// Records contracts and folds in golden/. Refuses, and writes nothing, when a contract changed in a way that stored
// events or rolled-out readers would not survive, or a fold without its version.
import { compareContracts, compareEvolution } from '@headrace/event-schema';
import { shopContracts, shopRegistry } from '../src/registry.ts';
import {
  CONTRACTS_LOCK,
  currentContracts,
  currentFolds,
  FOLDS_LOCK,
  type GoldenEvent,
  goldenEventOf,
  goldenEvents,
  goldenHistories,
  lockedContracts,
  lockedFolds,
  nameOf,
  write,
} from './golden.ts';

const contracts = currentContracts();
const histories = goldenHistories();
const folds = currentFolds(histories);
const kept = goldenEvents();
const foldsBefore = lockedFolds();
const broken = compareContracts(lockedContracts(), contracts).map(
  ({ message }) => `${message}: add a version with an upcaster (nextVersion) instead`,
);
const changed = Object.entries(folds).flatMap(([category, fold]) =>
  compareEvolution(`the fold of ${category}`, foldsBefore[category], fold),
);

const invalid = Object.entries(histories).flatMap(([name, { stream, events }]) =>
  events.flatMap(({ type, data, schemaVersion }) => {
    try {
      shopRegistry.accept(stream, type, data, schemaVersion);
      return [];
    } catch (error) {
      return [`golden/histories.json, "${name}": ${error instanceof Error ? error.message : error}`];
    }
  }),
);

const events: GoldenEvent[] = [];
const missing: string[] = [];
for (const { type, versions } of shopContracts) {
  for (const index of versions.keys()) {
    const event = goldenEventOf(type, index + 1, kept, histories);
    if (event === undefined)
      missing.push(`${type} version ${index + 1} is in no history of golden/histories.json`);
    else events.push(event);
  }
}

const refusals = [...broken, ...invalid, ...changed, ...missing];
if (refusals.length > 0) {
  for (const refusal of refusals) process.stderr.write(`${refusal}\n`);
  process.stderr.write('Nothing was written.\n');
  process.exitCode = 1;
} else {
  write(CONTRACTS_LOCK, contracts);
  write(FOLDS_LOCK, folds);
  for (const event of events) write(nameOf(event.type, event.version), event);
  process.stdout.write(`locked ${shopContracts.length} event types and ${Object.keys(folds).length} folds\n`);
}
