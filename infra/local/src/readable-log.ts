import pretty from 'pino-pretty';

/** Writes lines of services and messages of the launcher as one readable log. */
export interface ReadableLog {
  /** A line that a service wrote: JSON of pino, or anything else. */
  line(source: string, line: string): void;
  /** A message of the launcher itself. */
  message(text: string): void;
}

const sourceColors = [36, 33, 35, 32, 34, 96, 93, 95];

/** Requests of probes come every few seconds; a service that is not ready says so in lines of its own. */
const probe = /"path":"\/(health|metrics)\b/;

/** What stands in every line and is known from its source. */
const leftOut = 'pid,hostname,name,service,instance';

/** A warning like an earlier one of the same source and stream is left out for this long: an outage has many a second. */
const repeatedAfterMs = 10_000;

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

  const warnings = createWarnings();

  return {
    line: (source, line) => {
      if (line.trim() === '' || probe.test(line)) return;
      const fields = fieldsOf(line);
      if (fields?.level !== 'warn') {
        write(`${label(source)} ${fields === undefined ? `${line}\n` : format(withShortError(fields))}`);
        return;
      }
      const warning = warnings.next(source, withShortError(fields));
      if (warning !== undefined) write(`${label(source)} ${format(warning)}`);
    },
    message: (text) => write(`${text}\n`),
  };
}

interface LogFields {
  readonly level?: unknown;
  readonly time?: unknown;
  readonly msg?: unknown;
  readonly stream?: unknown;
  /** Of what is parked. */
  readonly cause?: unknown;
  readonly err?: LoggedError;
  readonly because?: string;
}

/** An error as the services' loggers write it. */
interface LoggedError {
  readonly message?: string;
  readonly code?: string;
  readonly cause?: LoggedError;
}

/** Undefined for a line that no logger wrote. */
function fieldsOf(line: string): LogFields | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as LogFields;
  } catch {
    return undefined;
  }
}

/** What a warning is about is said by the messages of its error; the stack stays on what is a bug, or may be one. */
function withShortError(fields: LogFields): LogFields {
  const { err, ...others } = fields;
  const mayBeBug = fields.level !== 'warn' && fields.level !== 'info';
  if (err === undefined || mayBeBug || fields.cause === 'poison') return fields;
  return { ...others, because: chainOf(err).join(' ← ') };
}

function chainOf({ message = '', code, cause }: LoggedError): readonly string[] {
  const text = message || (code ?? 'unknown');
  return [text, ...(cause === undefined ? [] : chainOf(cause))];
}

/** Lets a warning through, but not its repetitions; after a while the next one, with the number of those left out. */
function createWarnings(): { next(source: string, fields: LogFields): LogFields | undefined } {
  const shown = new Map<string, { readonly at: number; readonly leftOut: number }>();
  return {
    next: (source, fields) => {
      const key = `${source}/${String(fields.msg)}/${String(fields.stream)}/${fields.because ?? ''}`;
      const at = Date.parse(String(fields.time));
      const last = shown.get(key);
      if (last !== undefined && at - last.at < repeatedAfterMs) {
        shown.set(key, { ...last, leftOut: last.leftOut + 1 });
        return undefined;
      }
      // Texts may differ without end.
      if (shown.size > 1000) shown.clear();
      shown.set(key, { at, leftOut: 0 });
      return last?.leftOut ? { ...fields, leftOut: last.leftOut } : fields;
    },
  };
}
