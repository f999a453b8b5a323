/** Why a JSON text cannot be kept as it was sent. */
export interface JsonFault {
  /** Dotted path: `items.0.price`; empty for the whole text. */
  readonly path: string;
  readonly message: string;
}

/** Deepest nesting of objects and arrays. */
export const MAX_JSON_DEPTH = 128;

/**
 * Finds what `JSON.parse` silently changes: numbers that a double cannot represent exactly, repeated member names, halves
 * of surrogate pairs (which strict parsers refuse); and nesting that is too deep. Undefined if there is nothing. For a
 * text that is not JSON the result is meaningless.
 */
export function jsonFault(text: string): JsonFault | undefined {
  return new JsonScan(text).fault();
}

interface Container {
  /** Names so far; undefined for an array. */
  readonly names: Set<string> | undefined;
  /** Name or index of the value that is being read. */
  at: string | number;
  /** Whether the next string is a name. */
  isAtName: boolean;
}

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** A double can represent every number of so many digits. */
const SAFE_NUMBER = /^-?[\d.]{1,15}$/;

/** Scans a text once; `#i` is the next character. The text is known to be valid JSON. */
class JsonScan {
  readonly #text: string;
  readonly #open: Container[] = [];
  #i = 0;

  constructor(text: string) {
    this.#text = text;
  }

  fault(): JsonFault | undefined {
    while (this.#i < this.#text.length) {
      const message = this.#step(this.#text[this.#i]);
      if (message !== undefined) return { path: this.#open.map(({ at }) => at).join('.'), message };
    }
    return undefined;
  }

  #step(character: string | undefined): string | undefined {
    switch (character) {
      case '{':
      case '[':
        return this.#begin(character === '{');
      case '"':
        return this.#string();
      case '}':
      case ']':
        this.#open.pop();
        break;
      case ',':
        this.#next();
        break;
      default:
        if (character === '-' || (character !== undefined && character >= '0' && character <= '9'))
          return this.#number();
    }
    this.#i += 1;
    return undefined;
  }

  #begin(isObject: boolean): string | undefined {
    if (this.#open.length === MAX_JSON_DEPTH) return `is nested more than ${MAX_JSON_DEPTH} deep`;
    this.#open.push(
      isObject ? { names: new Set(), at: '', isAtName: true } : { names: undefined, at: 0, isAtName: false },
    );
    this.#i += 1;
    return undefined;
  }

  #next(): void {
    const container = this.#open.at(-1);
    if (container === undefined) return;
    if (typeof container.at === 'number') container.at += 1;
    else container.isAtName = true;
  }

  #string(): string | undefined {
    const start = this.#i;
    const raw = this.#text.slice(start, this.#endOfString(start));
    this.#i = start + raw.length;
    const isPlain = !raw.includes('\\');
    const value = isPlain ? raw.slice(1, -1) : (JSON.parse(raw) as string);
    const container = this.#open.at(-1);
    if (container?.isAtName === true) {
      container.at = value;
      container.isAtName = false;
      if (container.names?.has(value)) return 'stands twice in its object';
      container.names?.add(value);
    }
    return value.isWellFormed() ? undefined : 'holds half of a surrogate pair';
  }

  /** The index after the closing quote. */
  #endOfString(start: number): number {
    let end = start;
    let backslashes: number;
    do {
      end = this.#text.indexOf('"', end + 1);
      backslashes = 0;
      while (this.#text[end - 1 - backslashes] === '\\') backslashes += 1;
    } while (backslashes % 2 === 1);
    return end + 1;
  }

  #number(): string | undefined {
    NUMBER.lastIndex = this.#i;
    const [source = ''] = NUMBER.exec(this.#text) ?? [];
    this.#i += source.length;
    const value = Number(source);
    if (SAFE_NUMBER.test(source) && !Object.is(value, -0)) return undefined;
    const kept = JSON.stringify(value);
    if (kept !== 'null' && decimalOf(source) === decimalOf(kept)) return undefined;
    return `is a number that cannot be kept as it is: it would become ${kept}; send it as a string`;
  }
}

/** The same text for the same number, in any notation. */
function decimalOf(number: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  const zeros = digits.length - significant.length;
  if (significant === '') return `${sign}0`;
  return `${sign}${significant}e${Number(exponent) - fraction.length + zeros}`;
}
