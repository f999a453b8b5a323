import type { IncomingHttpHeaders } from 'node:http';
import { ProblemError, problem } from '../problem/problem.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
/** The page is of this very origin, or there is no page: somebody typed the address. */
const OWN_SITES = new Set(['same-origin', 'none']);

/** Says why a request may not change anything here; undefined where it may. */
export type SiteCheck = (method: string, headers: IncomingHttpHeaders) => ProblemError | undefined;

/**
 * Refuses what changes something and comes from a page of another origin, which browsers send without asking where
 * there is no body. `corsOrigins` may: `*` or a list separated by commas, as for CORS. Browsers say so in
 * `Sec-Fetch-Site`, which no page can set, and over plain HTTP in `Origin` alone; programs send neither.
 */
export function checkSite(corsOrigins = ''): SiteCheck {
  const trusted = new Set(corsOrigins.split(',').map((origin) => origin.trim()));
  if (trusted.has('*')) return () => undefined;
  return (method, headers) => {
    if (SAFE_METHODS.has(method)) return undefined;
    const { origin } = headers;
    if (origin !== undefined && trusted.has(origin)) return undefined;
    return comesFromHere(headers) ? undefined : refused(origin);
  };
}

function comesFromHere({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  if (site !== undefined) return OWN_SITES.has(String(site));
  return origin === undefined || isOwn(origin, host);
}

/** The default port may stand in the one and not in the other. */
function isOwn(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const { protocol, host: theirs } = new URL(origin);
  const own = `${protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === theirs;
}

function refused(origin = 'of another site'): ProblemError {
  const detail = `The page ${origin} may not change anything here. Whoever runs this service can let it: CORS_ORIGIN.`;
  return new ProblemError(
    problem(403, 'cross-site-request', 'Request from a page of another site', { detail }),
  );
}
