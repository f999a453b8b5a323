/**
 * The Message-ID of the mail about an event, angle brackets included: always the same for the same event, so that
 * a mail that had to be sent twice can be recognised as one. Ids of imported events may hold anything; what an
 * address may not hold is percent-encoded (RFC 5322, 3.6.4).
 */
export function messageIdOf(eventId: string, domain: string): string {
  const left = encodeURIComponent(eventId.toWellFormed()).replace(
    /[^A-Za-z0-9%_~!*'-]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `<${left}@${domain}>`;
}
