/** Line and paragraph separators, control characters, and the marks that turn the direction of text around. */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu;

/**
 * Text of others as one line: nothing in it can start a new line of a mail or a header, or make what follows
 * read backwards. Half characters (lone surrogates) are replaced.
 */
export function oneLine(text: string): string {
  return text.replace(BREAKS, ' ').toWellFormed().trim();
}
