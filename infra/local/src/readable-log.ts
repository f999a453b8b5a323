import pretty from 'pino-pretty';

/** Writes the lines of services and the messages of the launcher as one log for people. */
export interface ReadableLog {
  /** A line that a service wrote: JSON of pino, or anything else. */
  line(source: string, line: string): void;
  /** A message of the launcher itself. */
  message(text: string): void;
}

const sourceColors = [36, 33, 35, 32, 34, 96, 93, 95];

/** Probes come every few seconds and are not shown; a service that is not ready logs the reason in another line. */
const probe = /"path":"\/(health|metrics)\b/;

/** Fields of every line that its source tells already. */
const leftOut = 'pid,hostname,name,service,instance';

/** A repeated warning of one source and stream is not shown for this long: in an outage there are many a second. */
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
  /** Of a parked event. */
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

/** A warning gets the messages of its error instead of the stack; what is or may be a bug keeps the stack. */
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

/** Shows a warning, and its next repetition only after a while, with the number of those that were not shown. */
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
      // The number of different warnings is unbounded.
      if (shown.size > 1000) shown.clear();
      shown.set(key, { at, leftOut: 0 });
      return last?.leftOut ? { ...fields, leftOut: last.leftOut } : fields;
    },
  };
}
