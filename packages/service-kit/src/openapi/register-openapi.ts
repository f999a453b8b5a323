import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { RouteOptions } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { HttpApp } from '../http/http-app.ts';
import { problemResponse } from './responses.ts';

export interface ApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description?: string | undefined;
}

/**
 * Everything from the own origin; inline styles because the page's widgets set them. No upgrade to HTTPS: a service
 * may be reached by plain HTTP inside a network, and its page would then load nothing.
 */
const DOCS_CSP =
  "default-src 'self'; base-uri 'self'; object-src 'none'; frame-ancestors 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'";

const SCHEMA_REFERENCE = /"#\/components\/schemas\/([^"]+)"/g;

/**
 * OpenAPI 3.1 from the routes' zod schemas: a page at `/docs`, the document at `/docs/json`. Must be registered
 * before the routes it is to describe. Every described route gets a problem as its default answer.
 */
export async function registerOpenApi(app: HttpApp, info: ApiInfo): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: info.title,
        version: info.version,
        ...(info.description === undefined ? {} : { description: info.description }),
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutUnusedSchemas(jsonSchemaTransformObject(document)),
  });
  app.addHook('onRoute', addDefaultProblem);
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_CSP,
    uiConfig: { docExpansion: 'list', deepLinking: true, displayRequestDuration: true },
    theme: { title: info.title },
  });
}

function addDefaultProblem(route: RouteOptions): void {
  if (route.schema === undefined || route.schema.hide === true) return;
  const described = typeof route.schema.response === 'object' ? route.schema.response : {};
  route.schema = { ...route.schema, response: { ...described, default: problemResponse('Any other error') } };
}

/** Drops component schemas that nothing refers to: the registry of named schemas is one for the whole process. */
function withoutUnusedSchemas<Document extends object>(document: Document): Document {
  const { components, ...rest } = document as Document & {
    components?: { schemas?: Record<string, unknown> };
  };
  const all = components?.schemas ?? {};
  const used = new Map<string, unknown>();
  const visit = (part: unknown): void => {
    for (const [, name] of JSON.stringify(part).matchAll(SCHEMA_REFERENCE)) {
      if (name === undefined || used.has(name) || !Object.hasOwn(all, name)) continue;
      used.set(name, all[name]);
      visit(all[name]);
    }
  };
  visit(rest);
  return { ...document, components: { ...components, schemas: Object.fromEntries([...used].sort()) } };
}
