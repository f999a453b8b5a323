import { type Html, html } from './html.ts';
import type { Fact, Letter, LetterItem } from './letter.ts';

// Tables and inline styles, because that is what all mail programs agree on. Nothing is loaded from anywhere.

/** The letter as a whole HTML document. */
export function renderHtml(letter: Required<Letter>): string {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${letter.subject}</title>
</head>
<body style="margin:0;padding:0;background:#f3f4f6;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f3f4f6;">
<tr><td align="center" style="padding:24px 12px;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px;background:#ffffff;border:1px solid #e5e7eb;border-radius:8px;">
<tr><td style="padding:32px;font-family:-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;font-size:16px;line-height:24px;color:#1f2937;">
<h1 style="margin:0 0 16px;font-size:22px;line-height:28px;font-weight:600;color:#111827;">${letter.title}</h1>
${letter.paragraphs.map(paragraph)}
${itemTable(letter.items)}
${factTable(letter.facts)}
<p style="margin:24px 0 0;color:#4b5563;">${letter.closing}</p>
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
  return String(document);
}

function paragraph(text: string): Html {
  return html`<p style="margin:0 0 16px;">${text}</p>`;
}

function itemTable(items: readonly LetterItem[]): Html | undefined {
  if (items.length === 0) return undefined;
  return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:8px 0 16px;border-top:1px solid #e5e7eb;">
${items.map(itemRow)}
</table>`;
}

function itemRow({ quantity, name, price }: LetterItem): Html {
  const each = price === undefined || quantity === 1 ? price : `${price} each`;
  return html`<tr>
<td style="padding:8px 12px 8px 0;border-bottom:1px solid #e5e7eb;vertical-align:top;white-space:nowrap;color:#4b5563;">${quantity} &times;</td>
<td width="100%" style="padding:8px 0;border-bottom:1px solid #e5e7eb;vertical-align:top;">${name}</td>
<td align="right" style="padding:8px 0 8px 12px;border-bottom:1px solid #e5e7eb;vertical-align:top;white-space:nowrap;">${each}</td>
</tr>
`;
}

function factTable(facts: readonly Fact[]): Html | undefined {
  if (facts.length === 0) return undefined;
  return html`<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:8px 0 0;">
${facts.map(factRow)}
</table>`;
}

function factRow({ label, value }: Fact): Html {
  return html`<tr>
<td style="padding:4px 16px 4px 0;vertical-align:top;white-space:nowrap;color:#4b5563;">${label}</td>
<td style="padding:4px 0;vertical-align:top;font-weight:600;word-break:break-word;">${value}</td>
</tr>
`;
}
