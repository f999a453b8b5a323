// Records the contracts in golden/contracts.lock.json. Refuses, and writes nothing, when a contract changed in
// a way that stored events or rolled-out readers would not survive: then add a version instead.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type ContractDescriptions, compareContracts, describeContracts } from '@headrace/event-schema';
import { shopContracts } from '../src/registry.ts';

const lockFile = new URL('../golden/contracts.lock.json', import.meta.url);
const locked: ContractDescriptions = existsSync(lockFile) ? JSON.parse(readFileSync(lockFile, 'utf8')) : {};
const current = describeContracts(shopContracts);
const violations = compareContracts(locked, current);

if (violations.length > 0) {
  for (const { message } of violations) process.stderr.write(`${message}\n`);
  process.stderr.write('The lock was left as it is. Add a version with an upcaster (nextVersion) instead.\n');
  process.exitCode = 1;
} else {
  writeFileSync(lockFile, `${JSON.stringify(current, null, 2)}\n`);
  process.stdout.write(`locked ${Object.keys(current).length} event types\n`);
}
