import type { FastifyInstance } from 'fastify';

/** The methods that a path takes, sorted, HEAD and OPTIONS included; none for a path that there is not. */
export type MethodsOf = (path: string) => readonly string[];

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** Remembers the routes that are registered from now on, and tells which methods a path has, for `Allow`. */
export function rememberMethods(app: FastifyInstance): MethodsOf {
  const known = new Map<string, KnownPath>();
  app.addHook('onRoute', ({ url, method }) => {
    // that of the CORS plugin, for preflight requests
    if (url === '*') return;
    const path = known.get(url) ?? { pattern: patternOf(url), methods: new Set(['OPTIONS']) };
    for (const one of [method].flat()) path.methods.add(one);
    known.set(url, path);
  });
  return (path) => {
    const decoded = decodedPath(path);
    // `OPTIONS *` asks about the whole server
    const found = [...known.values()].filter(({ pattern }) => path === '*' || pattern.test(decoded));
    return [...new Set(found.flatMap(({ methods }) => [...methods]))].sort();
  };
}

/** `:name` is one part of the path, `*` the rest of it. */
function patternOf(url: string): RegExp {
  const parts = url.split('/').map((part) => {
    if (part.startsWith(':')) return '[^/]+';
    return part === '*' ? '.*' : part.replace(/[^\w-]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('/')}$`);
}

/** As the router sees it: what needs no encoding is decoded. */
function decodedPath(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
