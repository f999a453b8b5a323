import { parseArgs } from 'node:util';

// As much of curl as the README's tour uses: curl -s -i -X <method> -H <header> -d <body> <url>
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: 'boolean', short: 's' },
    include: { type: 'boolean', short: 'i' },
    request: { type: 'string', short: 'X', default: 'GET' },
    header: { type: 'string', short: 'H', multiple: true, default: [] },
    data: { type: 'string', short: 'd' },
  },
});
const [target = ''] = positionals;
const url = target.startsWith('http') ? target : `http://${target}`;
const headers = values.header.map((header): [string, string] => {
  const colon = header.indexOf(':');
  return [header.slice(0, colon), header.slice(colon + 1).trim()];
});
const response = await fetch(url, { method: values.request, headers, body: values.data ?? null });
if (values.include) {
  const lines = [...response.headers].map(([name, value]) => `${name}: ${value}`);
  process.stdout.write(`HTTP/1.1 ${response.status}\n${lines.join('\n')}\n\n`);
}
process.stdout.write(`${await response.text()}\n`);
