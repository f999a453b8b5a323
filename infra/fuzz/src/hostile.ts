// Values that are far from what is expected in a place, by the kind of value there.

/** The kind of value in a place; it decides which hostile values are worth trying. */
export type Kind = 'time' | 'position' | 'number' | 'text';

const TIMES = [
  ...['0000-01-01', '0001-01-01', '9998-12-31', '9999-12-31', '10000-01-01', '2026-02-30', '-000001-01-01'],
  ...[
    '0000-06-01T00:00:00Z',
    '0001-01-01T00:00:00+23:59',
    '9999-12-31T23:59:59-23:59',
    '2026-01-01T24:00:00Z',
  ],
];
const POSITIONS = [
  ...['1-99999999999999999999-0', '1-18446744073709551615-18446744073709551615', '1-1-99999999999999999999'],
  ...['0-0-0', '-1-1-0', '99-1-0', '1-1', '1-1-1-1', '1e3-1-0', '01-1-0', '9999999999-1-0'],
];
const NUMBERS = [
  '-1',
  '0',
  '-0',
  '1.5',
  '1e3',
  '1e21',
  '1e400',
  '12345678901234567890',
  '9007199254740993',
  '0x10',
];
const TEXTS = [
  ...[
    '',
    ' ',
    '.',
    '..',
    '/',
    '../x',
    '\0',
    'a\0b',
    '\u2028',
    '\u{1d4b3}',
    '\u202e<script>alert(1)</script>',
  ],
  ...[
    'null',
    'true',
    'NaN',
    '[object Object]',
    '__proto__',
    'constructor',
    "' or 1=1--",
    '{}',
    '{a}',
    '$all',
    '!x',
  ],
  ...['x'.repeat(600), '%', '\u00fc@\u00fc', 'a..b@example.com', '*@*', '?=@=?'],
];
const BY_KIND: Readonly<Record<Kind, readonly string[]>> = {
  time: TIMES,
  position: POSITIONS,
  number: NUMBERS,
  text: TEXTS,
};
const ALL = Object.values(BY_KIND).flat();

/** JSON text that no JavaScript value has, or of another type. */
const JSON_TEXTS = [
  ...['1e400', '-0', '12345678901234567890', '0.1234567890123456789', '1e21', '-1', '1.5', '0'],
  ...[
    'null',
    'true',
    '[]',
    '{}',
    '[null]',
    '{"a":1,"a":2}',
    '{"__proto__":{"x":1}}',
    '"\\ud800"',
    '"\\u0000"',
  ],
  '['.repeat(200) + ']'.repeat(200),
  `"${'x'.repeat(70_000)}"`,
];

/** Text in a URL that is no valid percent-encoding. */
const URL_TEXTS = ['%', '%zz', '%ED%A0%80', '%2e%2e', '%FF', '+', '%2F', '%00'];

export function kindOf(name: string, value: unknown): Kind {
  const text = String(value);
  if (/^\d{1,5}-\d{5,}-\d+$/.test(text) || /^(wait_for|eventId|causationId|cursor|position)$/.test(name))
    return 'position';
  if (/^\d{4}-\d\d-\d\d/.test(text) || /^(at|from|to|since|occurredAt)$/.test(name)) return 'time';
  return text !== '' && Number.isFinite(Number(text)) ? 'number' : 'text';
}

/** A hostile value for a part of a URL, encoded if necessary. */
export function hostileUrlText(kind: Kind, choice: number): string {
  const text = choose(kind, choice, URL_TEXTS);
  return URL_TEXTS.includes(text) ? text : encodeURIComponent(text);
}

/** A hostile value as JSON text. */
export function hostileJson(kind: Kind, choice: number): string {
  const text = choose(kind, choice, JSON_TEXTS);
  if (JSON_TEXTS.includes(text)) return text;
  return kind === 'number' && /^-?\d/.test(text) && !text.startsWith('0x') ? text : JSON.stringify(text);
}

/** Mostly a value for this kind. */
function choose(kind: Kind, choice: number, others: readonly string[]): string {
  const turn = choice % 4;
  const among = turn === 0 ? others : turn === 1 ? ALL : BY_KIND[kind];
  return among[Math.floor(choice / 4) % among.length] ?? '';
}
