import { domainToASCII, domainToUnicode } from 'node:url';

const ATOM = "[\\p{L}\\p{M}\\p{N}!#$%&'*+/=?^_`{|}~-]+";
const LOCAL_PART = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`, 'u');
const DOMAIN = /^[\p{L}\p{M}\p{N}.-]+$/u;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const MAX_LOCAL_OCTETS = 64;
/** A path in angle brackets has 256; servers differ on the one octet between 253 and 254. */
const MAX_OCTETS = 253;

/**
 * Whether a text is an address that a mail can be sent to as it stands: `Dot-string "@" Domain` of RFC 5321, 4.1.2, with
 * letters and digits beyond ASCII on both sides (RFC 6531). Neither quoted local parts nor address literals.
 */
export function isMailAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const domain = text.slice(at + 1);
  if (at === -1 || !LOCAL_PART.test(local) || !DOMAIN.test(domain)) return false;
  const ascii = domainToASCII(domain);
  const octets = Buffer.byteLength(local);
  if (octets > MAX_LOCAL_OCTETS || octets + 1 + ascii.length > MAX_OCTETS) return false;
  const labels = ascii.split('.');
  // all digits, the last label would be an IPv4 address's
  if (!labels.every((label) => LABEL.test(label)) || /^\d+$/.test(labels.at(-1) ?? '')) return false;
  return standsForLetters(ascii);
}

/** Whether all punycode in a domain can be read; versions of Node differ in what they make of other punycode. */
function standsForLetters(ascii: string): boolean {
  const readable = domainToUnicode(ascii);
  return !readable.includes('xn--') && domainToASCII(readable) === ascii;
}
