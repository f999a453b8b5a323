/** Text that is HTML already. Only `html` makes it, so a plain string can never pass for it. */
export class Html {
  readonly #markup: string;
  constructor(strings: TemplateStringsArray, values: readonly HtmlValue[]) {
    this.#markup = strings.reduce((markup, part, i) => markup + markupOf(values[i - 1]) + part);
  }
  toString(): string {
    return this.#markup;
  }
}

/** What may stand in an `html` template: strings and numbers are escaped, absent values are left out. */
export type HtmlValue = Html | string | number | undefined | readonly Html[];

/**
 * A template whose interpolated text is escaped, for element content and quoted attributes:
 * ``html`<b title="${title}">${name}</b>` ``. It knows nothing of URLs, scripts or styles: keep data out of those.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings, values);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function markupOf(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.join('');
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
