import pretty from 'pino-pretty';

/** Writes lines of services and messages of the launcher as one readable log. */
export interface ReadableLog {
  /** A line that a service wrote: JSON of pino, or anything else. */
  line(source: string, line: string): void;
  /** A message of the launcher itself. */
  message(text: string): void;
}

const sourceColors = [36, 33, 35, 32, 34, 96, 93, 95];

/** Requests of probes come every few seconds and say nothing; pino's two lines for them are left out. */
const probe = /"url":"\/(health|metrics)\b/;

/** What stands in every line and is known from its source. */
const leftOut = 'pid,hostname,name,service,instance';

/** @param nameWidth the length of the longest source, so that columns line up. */
export function readableLog(
  write: (text: string) => void,
  options: { readonly color: boolean; readonly nameWidth: number },
): ReadableLog {
  const format = pretty.prettyFactory({
    colorize: options.color,
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
    ignore: leftOut,
  });
  const sources: string[] = [];
  const label = (source: string): string => {
    if (!sources.includes(source)) sources.push(source);
    const padded = source.padEnd(options.nameWidth);
    const color = sourceColors[sources.indexOf(source) % sourceColors.length];
    return options.color ? `\u001b[${color}m${padded}\u001b[0m` : padded;
  };
  /** Request ids of probes: the line that ends a request names its id only. */
  const probes = new Set<string>();

  return {
    line: (source, line) => {
      if (line.trim() === '' || isProbe(source, line, probes)) return;
      const text = line.startsWith('{') ? format(line) : `${line}\n`;
      write(`${label(source)} ${text}`);
    },
    message: (text) => write(`${text}\n`),
  };
}

function isProbe(source: string, line: string, probes: Set<string>): boolean {
  const requestId = /"reqId":"([^"]+)"/.exec(line)?.[1];
  if (requestId === undefined) return false;
  const key = `${source}/${requestId}`;
  if (probe.test(line)) {
    probes.add(key);
    return true;
  }
  return probes.delete(key);
}
