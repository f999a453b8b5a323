import fc, { type Arbitrary } from 'fast-check';
import { hostileJson, kindOf } from './hostile.ts';

const HEADER_TEXTS = [
  '',
  ' ',
  '"',
  '"-1"',
  '*',
  'W/"1"',
  '"1", "2"',
  '\u00e9',
  'x'.repeat(5_000),
  '"1e3"',
  'null',
];

export const headerText: Arbitrary<string> = fc.constantFrom(...HEADER_TEXTS);

/** Makes the wrong text of a body. */
export type SpoilBody = (json: unknown) => string | Buffer;

const change = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add'),
  choice: fc.nat(),
});

/** One place of the JSON is wrong, or the text is not JSON. */
export const spoiledBody: Arbitrary<SpoilBody> = fc.oneof(
  {
    arbitrary: change.map(
      (where): SpoilBody =>
        (json) =>
          changed(json, where),
    ),
    weight: 9,
  },
  fc.constantFrom<SpoilBody>(
    (json) => JSON.stringify(json).slice(0, -1),
    () => '',
    (json) => `${JSON.stringify(json)} x`,
    (json) => `\ufeff${JSON.stringify(json)}`,
    (json) => Buffer.concat([Buffer.from(JSON.stringify(json)), Buffer.from([0xff, 0xfe])]),
    (json) => Buffer.from(JSON.stringify(json).replace(/"([a-z])/, '"\u00ff$1'), 'latin1'),
  ),
);

interface Change {
  readonly at: number;
  readonly how: string;
  readonly choice: number;
}

const MARK = '@@spoiled@@';

function changed(json: unknown, { at, how, choice }: Change): string {
  const copy = { body: structuredClone(json) };
  const places = [...placesIn(copy)];
  const [container, name] = places[at % places.length] ?? [copy, 'body'];
  const holder = container as Record<string, unknown>;
  const text = hostileJson(kindOf(name, holder[name]), choice);
  if (how === 'remove' && Array.isArray(container)) container.splice(Number(name), 1);
  else if (how === 'remove') delete holder[name];
  else if (how === 'add' && isObject(holder[name])) holder[name]['spoiled'] = MARK;
  else holder[name] = MARK;
  return (JSON.stringify(copy.body) ?? '').replace(`"${MARK}"`, () => text);
}

/** Every member of every object and list, with the object or list. */
function* placesIn(container: object): Iterable<readonly [container: object, name: string]> {
  for (const [name, value] of Object.entries(container)) {
    yield [container, name];
    if (typeof value === 'object' && value !== null) yield* placesIn(value);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
