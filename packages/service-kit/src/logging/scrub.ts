// Every repetition that precedes its delimiter is bounded, so that a long line costs linear time.
const SECRET_FIELD =
  /("(?:authorization|proxy-authorization|cookie|set-cookie|email|password|passwd|secret|token|apikey|api_key|x-api-key)":)(?:"(?:[^"\\]|\\.)*"|\[[^\]]*\])/gi;
const URL_CREDENTIALS = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s"/]{1,512}@/gi;
const MAIL_ADDRESS =
  /[^\s"'`@<>()[\],;:\\/=]{1,64}@(?:[^\s"'`@<>()[\],;:\\/=.]{1,63}\.){1,8}\p{L}[\p{L}\d-]{1,23}/gu;
// As it stands in a URL. What precedes the delimiter does not hold another one, or each would be tried with each.
const ENCODED_MAIL_ADDRESS =
  /(?:(?!%40)[^\s"'`@<>()[\],;:\\/=]){1,64}%40(?:[^\s"'`@<>()[\],;:\\/=.]{1,63}\.){1,8}\p{L}[\p{L}\d-]{1,23}/gu;

const MASK = '[redacted]';

/**
 * Takes secrets and mail addresses out of one serialised JSON log line: values of fields with a telling name at
 * any depth, credentials in URLs, and mail addresses wherever they stand. Works on the text because messages of
 * foreign errors carry connection strings and row values that no list of paths would reach.
 */
export function scrubLine(line: string): string {
  let scrubbed = line.replace(SECRET_FIELD, `$1"${MASK}"`);
  if (scrubbed.includes('@')) scrubbed = scrubbed.replace(URL_CREDENTIALS, `$1${MASK}@`);
  return maskMailAddresses(scrubbed);
}

/** Takes mail addresses out of any text. */
export function maskMailAddresses(text: string): string {
  const plain = text.includes('@') ? text.replace(MAIL_ADDRESS, MASK) : text;
  return plain.includes('%40') ? plain.replace(ENCODED_MAIL_ADDRESS, MASK) : plain;
}
