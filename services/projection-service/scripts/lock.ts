// Records what the projections make of the golden histories. Refuses, and writes nothing, when one of them makes
// something else of the same events without a raised version: then its table would hold both.
import { writeFileSync } from 'node:fs';
import { compareEvolution } from '@headrace/event-schema';
import { currentProjections, LOCK, lockedProjections } from './golden.ts';

const locked = lockedProjections();
const current = currentProjections();
const refusals = Object.entries(current).flatMap(([name, projection]) =>
  compareEvolution(`projection ${name}`, locked[name], projection),
);

if (refusals.length > 0) {
  for (const refusal of refusals) process.stderr.write(`${refusal}\n`);
  process.stderr.write('Nothing was written.\n');
  process.exitCode = 1;
} else {
  writeFileSync(LOCK, `${JSON.stringify(current, null, 2)}\n`);
  process.stdout.write(`locked ${Object.keys(current).length} projections\n`);
}
