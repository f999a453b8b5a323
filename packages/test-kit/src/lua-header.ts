/**
 * The differences between a Lua script's header and its body: KEYS, ARGV, effects, statuses, and the flags of the first
 * line. Empty if they agree.
 * @param name of the file without `.lua`: `<verb>-<number of keys>`, or `<verb>-n` where that is open
 */
export function headerProblems(name: string, source: string): string[] {
  const lines = source.split('\n');
  const end = lines.findIndex((line, i) => i > 0 && !line.startsWith('--'));
  const header = lines.slice(1, end).join('\n');
  const code = lines.slice(end).map((line) => line.replace(/--.*$/, ''));
  const body = code.join('\n');
  return [
    ...compareInputs('KEYS', header, body),
    ...compareInputs('ARGV', header, body),
    ...(name.endsWith('-n')
      ? []
      : compare('key of the file’s name', keysInName(name), numbered(header, 'KEYS'))),
    ...compare('effect', effectsIn(header), writesIn(body)),
    ...compare('status', statusesIn(header), returnedIn(body)),
    ...boundFirst(code),
    ...boundInVain(body),
    ...flagProblems(lines[0] ?? '', writesIn(body)),
  ];
}

const WRITES = new Set(
  'APPEND COPY DECR DECRBY DEL EXPIRE EXPIREAT GETDEL GETEX GETSET HDEL HINCRBY HINCRBYFLOAT HSET HSETNX INCR INCRBY LINSERT LMOVE LPOP LPUSH LPUSHX LREM LSET LTRIM MSET PERSIST PEXPIRE PEXPIREAT PSETEX RENAME RENAMENX RPOP RPUSH RPUSHX SADD SET SETEX SETNX SMOVE SPOP SREM UNLINK XACK XADD XAUTOCLAIM XCLAIM XDEL XGROUP XREADGROUP XSETID XTRIM ZADD ZINCRBY ZPOPMAX ZPOPMIN ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE'.split(
    ' ',
  ),
);

function compare(what: string, inHeader: readonly string[], inBody: readonly string[]): string[] {
  return [
    ...inHeader
      .filter((item) => !inBody.includes(item))
      .map((item) => `the header’s ${what} ${item} is not in the body`),
    ...inBody
      .filter((item) => !inHeader.includes(item))
      .map((item) => `the body’s ${what} ${item} is not in the header`),
  ];
}

function compareInputs(kind: 'KEYS' | 'ARGV', header: string, body: string): string[] {
  const named = numbered(header, kind);
  const openFrom = new RegExp(`${kind}\\[(\\d+)…\\]`).exec(header)?.[1];
  const used = numbered(body, kind);
  if (openFrom === undefined) return compare(kind, named, used);
  // By their number, in a call, or as a table with another name.
  const all = new RegExp(`#${kind}\\b|unpack\\(${kind}, *${openFrom}\\)|^local .*= .*\\b${kind}$`, 'm');
  const toTheEnd = all.test(body);
  return [
    ...compare(kind, named, used),
    ...(toTheEnd ? [] : [`the body does not read ${kind}[${openFrom}…]`]),
  ];
}

/** The numbers in `KEYS[1]`, `ARGV[2]`, …; in a header only where a line begins with them. */
function numbered(text: string, kind: string): string[] {
  const isHeader = text.startsWith('--');
  const pattern = new RegExp(isHeader ? `^-- ${kind}\\[(\\d+)\\] +\\w` : `${kind}\\[(\\d+)\\]`, 'gm');
  return unique([...text.matchAll(pattern)].map((match) => match[1] ?? ''));
}

function keysInName(name: string): string[] {
  return Array.from({ length: Number(/-(\d+)$/.exec(name)?.[1]) }, (_, i) => String(i + 1));
}

function section(header: string, from: string, to: string): string {
  return new RegExp(`^-- ${from}\\b([\\s\\S]*?)(?=^-- ${to}\\b|(?![\\s\\S]))`, 'm').exec(header)?.[1] ?? '';
}

function effectsIn(header: string): string[] {
  const words = section(header, 'Effects', 'Returns').split(/[;.]/)[0] ?? '';
  return unique([...words.matchAll(/\b[A-Z]{3,}\b/g)].map(([word]) => word));
}

function writesIn(body: string): string[] {
  const calls = [...body.matchAll(/redis\.p?call\(\s*'(\w+)'/g)].map((match) => match[1] ?? '');
  return unique(calls.filter((command) => WRITES.has(command)));
}

function statusesIn(header: string): string[] {
  return unique(
    [...section(header, 'Returns', 'Effects').matchAll(/(?:^|[|{])[\s-]*'([a-z-]+)'/g)].map(
      (match) => match[1] ?? '',
    ),
  );
}

function returnedIn(body: string): string[] {
  return unique(
    [...body.matchAll(/return (?:cmsgpack\.pack\()?(?:\{ )?'([a-z-]+)'/g)].map((match) => match[1] ?? ''),
  );
}

/** The first lines bind all keys to names; later lines must use the names. */
function boundFirst(code: readonly string[]): string[] {
  const firstOther = code.findIndex((line) => line.trim() !== '' && !/^local .*(KEYS|ARGV)\[/.test(line));
  const late = code.slice(firstOther).filter((line) => /KEYS\[/.test(line));
  return late.map((line) => `a key is used by its number: ${line.trim()}`);
}

/** The script does not need a key or argument that it binds and never uses. */
function boundInVain(body: string): string[] {
  const bindings = [...body.matchAll(/^local ([\w, ]+) = .*(?:KEYS|ARGV)\[/gm)];
  const names = bindings.flatMap((match) => (match[1] ?? '').split(/, */));
  const uses = (name: string): number => [...body.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length;
  return names.filter((name) => uses(name) < 2).map((name) => `${name} is read and never used`);
}

function flagProblems(shebang: string, writes: readonly string[]): string[] {
  if (!shebang.startsWith('#!lua')) return ['the first line is not #!lua'];
  return shebang.includes('no-writes') === (writes.length === 0) ? [] : [`flags do not fit: ${shebang}`];
}

function unique(list: readonly string[]): string[] {
  return [...new Set(list)].sort();
}
