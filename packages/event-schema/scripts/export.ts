// Prints the AsyncAPI document of all events, or with --json-schema the JSON Schema of every version.
import packageJson from '../package.json' with { type: 'json' };
import { asyncApiOf } from '../src/asyncapi.ts';
import { headraceContracts } from '../src/headrace-registry.ts';
import { describeContracts } from '../src/json-schema.ts';

const exported = process.argv.includes('--json-schema')
  ? describeContracts(headraceContracts)
  : asyncApiOf(headraceContracts, { title: 'Headrace events', version: packageJson.version });
process.stdout.write(`${JSON.stringify(exported, null, 2)}\n`);
