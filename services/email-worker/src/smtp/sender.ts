import { z } from 'zod';

/** Who mails come from. */
export interface Sender {
  /** Shown to the reader; empty for the bare address. */
  readonly name: string;
  readonly address: string;
}

const SENDER = /^(?:"?([^"<>@\r\n]*?)"?\s*<([^<>]*)>|([^<>\s]*))$/;
/** One address in ASCII; its domain also ends the Message-IDs. */
const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/;

/** A setting that holds `shop@example.com` or `Shop <shop@example.com>`. */
export function senderSetting() {
  return z.string().transform((text, context): Sender => {
    const [, name = '', bracketed, bare] = SENDER.exec(text) ?? [];
    const address = bracketed ?? bare ?? '';
    if (!ADDRESS.test(address)) {
      context.addIssue({ code: 'custom', message: 'must be an address, or a name and <an address>' });
      return z.NEVER;
    }
    return { name: name.trim(), address };
  });
}

/** What stands behind the `@` of an address. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
