import type { Letter, LetterItem } from './letter.ts';

/** The letter as plain text; lines end with `\n`, and are left to the reader's program to wrap. */
export function renderText(letter: Required<Letter>): string {
  const blocks = [
    letter.title,
    ...letter.paragraphs,
    letter.items.map(itemLine).join('\n'),
    letter.facts.map(({ label, value }) => `${label}: ${value}`).join('\n'),
    letter.closing,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function itemLine({ quantity, name, price }: LetterItem): string {
  const each = quantity > 1 ? ' each' : '';
  return `- ${quantity} x ${name}${price === undefined ? '' : `, ${price}${each}`}`;
}
