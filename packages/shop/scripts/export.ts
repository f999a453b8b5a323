// Prints the AsyncAPI document of all events, or with --json-schema the JSON Schema of every version.

import { asyncApiOf, describeContracts } from '@headrace/event-schema';
import packageJson from '../package.json' with { type: 'json' };
import { shopContracts } from '../src/registry.ts';

const exported = process.argv.includes('--json-schema')
  ? describeContracts(shopContracts)
  : asyncApiOf(shopContracts, { title: 'Headrace events', version: packageJson.version });
process.stdout.write(`${JSON.stringify(exported, null, 2)}\n`);
