import { getJson } from './http.ts';

/** A mail in the inbox. */
export interface Mail {
  readonly subject: string;
  readonly to: readonly { readonly address: string }[];
  readonly messageId: string;
  readonly text?: string;
}

/** All mails that the inbox has, oldest first. */
export function mailsIn(inbox: string): Promise<readonly Mail[]> {
  return getJson<readonly Mail[]>(`${inbox}/email`);
}

/** The events that the mails are about, one per mail: the Message-ID is made of the event's id. */
export async function mailedEventIds(inbox: string): Promise<readonly string[]> {
  return (await mailsIn(inbox)).map(({ messageId }) => /\d+-\d+-\d+/.exec(messageId)?.[0] ?? messageId);
}
