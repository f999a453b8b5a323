import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { badRequest, ProblemError, problem } from '../problem/problem.ts';

/** An address in brackets or a name, and a port. */
const HOST = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/;

/** Says why a request is not for this service; undefined where it is. */
export type HostCheck = (raw: IncomingMessage) => ProblemError | undefined;

/**
 * Takes requests for loopback names, for IP addresses and for the names in `allowed` (separated by commas;
 * `*.example.com` for all below it, `*` for every name). A page on the web can have its own name point to this
 * machine and so pass for the same origin (DNS rebinding): its name still stands in `Host`. An address there cannot
 * be made to point elsewhere. HTTP/1.0 may leave `Host` out, as no browser does.
 */
export function checkHost(allowed = ''): HostCheck {
  const names = new Set(['localhost']);
  const suffixes = ['.localhost'];
  for (const entry of allowed.toLowerCase().split(',')) {
    const name = entry.trim();
    if (name === '*') return hostIsThere;
    if (name.startsWith('*.')) suffixes.push(name.slice(1));
    else if (name !== '') names.add(name);
  }
  return (raw) => {
    const missing = hostIsThere(raw);
    const { host } = raw.headers;
    if (missing !== undefined || host === undefined) return missing;
    const name = nameIn(host);
    const isOurs = names.has(name) || isAddress(name) || suffixes.some((suffix) => name.endsWith(suffix));
    return isOurs ? undefined : misdirected(name);
  };
}

/** RFC 9112, 3.2: one `Host`, and not none in HTTP/1.1. */
function hostIsThere({ rawHeaders, httpVersion }: IncomingMessage): ProblemError | undefined {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  if (count > 1) return badRequest('There is more than one Host header.');
  return count === 0 && httpVersion === '1.1' ? badRequest('There is no Host header.') : undefined;
}

function nameIn(host: string): string {
  const name = (HOST.exec(host)?.[1] ?? host).toLowerCase();
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

function isAddress(name: string): boolean {
  return isIP(name.startsWith('[') ? name.slice(1, -1) : name) !== 0;
}

function misdirected(name: string): ProblemError {
  const detail = `This service is not known as "${name}". Whoever runs it can allow the name: ALLOWED_HOSTS=${name}.`;
  return new ProblemError(problem(421, 'misdirected-request', 'Misdirected request', { detail }));
}
