import { portSetting } from '../ports.ts';
import { services } from '../services.ts';

/** Where the demo finds a running system; base URLs without a slash at the end. */
export interface Endpoints {
  readonly orderApi: string;
  readonly projections: string;
  readonly emails: string;
  readonly analytics: string;
  readonly billing: string;
  /** The mail inbox's web page. */
  readonly inbox: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * A service's URL is `<NAME>_URL`, such as ORDER_API_URL, else its port on this machine above HEADRACE_PORT_BASE; the
 * inbox's is MAIL_URL, else MAIL_WEB_PORT. Throws if a port is not a number.
 */
export function endpointsOf(env: Env): Endpoints {
  const portBase = portSetting(env, 'HEADRACE_PORT_BASE', 3000);
  return {
    orderApi: serviceUrl(env, 'order-api', portBase),
    projections: serviceUrl(env, 'projection-service', portBase),
    emails: serviceUrl(env, 'email-worker', portBase),
    analytics: serviceUrl(env, 'analytics-worker', portBase),
    billing: serviceUrl(env, 'billing-worker', portBase),
    inbox: given(env, 'MAIL_URL') ?? onThisMachine(portSetting(env, 'MAIL_WEB_PORT', 1080)),
  };
}

/** The environment variable that holds a service's URL. */
export function urlSetting(service: string): string {
  return `${service.toUpperCase().replaceAll('-', '_')}_URL`;
}

function serviceUrl(env: Env, name: string, portBase: number): string {
  const offset = services.find((service) => service.name === name)?.portOffset ?? 0;
  return given(env, urlSetting(name)) ?? onThisMachine(portBase + offset);
}

function given(env: Env, setting: string): string | undefined {
  return env[setting] ? env[setting].replace(/\/+$/, '') : undefined;
}

function onThisMachine(port: number): string {
  return `http://127.0.0.1:${port}`;
}
