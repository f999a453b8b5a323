/** An answer of a service, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export async function send(
  method: string,
  url: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(35_000),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parsed(text) };
}

/** The body of a successful GET; anything else is an error that shows the answer. */
export async function getJson<T>(url: string): Promise<T> {
  const { status, body } = await send('GET', url);
  if (status !== 200) throw new Error(`GET ${url} was answered with ${status}: ${JSON.stringify(body)}`);
  return body as T;
}

/** The rows of all pages of a list; `member` is where a page has them. */
export async function allPages<Row>(url: string, member: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  do {
    const page: Readonly<Record<string, unknown>> = await getJson(
      cursor === null ? url : `${url}&cursor=${encodeURIComponent(cursor)}`,
    );
    rows.push(...(page[member] as readonly Row[]));
    cursor = page['nextCursor'] as string | null;
  } while (cursor !== null);
  return rows;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
