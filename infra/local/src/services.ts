import { existsSync } from 'node:fs';
import { projectDir } from './project-paths.ts';

/** A service of the system; to run one more, add a row to {@link services}. */
export interface ServiceDefinition {
  readonly name: string;
  /** Added to HEADRACE_PORT_BASE. */
  readonly portOffset: number;
  /** The file that Node runs. */
  readonly entry: string;
  /** Pages worth showing in the table of URLs. */
  readonly pages?: readonly { readonly title: string; readonly path: string }[];
}

function service(
  name: string,
  portOffset: number,
  pages: ServiceDefinition['pages'] = [],
): ServiceDefinition {
  return { name, portOffset, entry: `${projectDir}/services/${name}/src/main.ts`, pages };
}

/** In the order in which they start, and reversed, stop. */
export const services: readonly ServiceDefinition[] = [
  service('order-api', 0, [{ title: 'API docs', path: '/docs' }]),
  service('event-api', 1, [{ title: 'API docs', path: '/docs' }]),
  service('projection-service', 2, [{ title: 'API docs', path: '/docs' }]),
  service('email-worker', 3),
  service('analytics-worker', 4),
  service('billing-worker', 5),
];

/** One process to run: instance 1 has the published port, the others get free ones. */
export interface PlannedInstance {
  readonly service: ServiceDefinition;
  /** `email-worker`, or `email-worker-2` if there are several. */
  readonly id: string;
  /** Whether the service has several instances. */
  readonly scaled: boolean;
  /** Undefined: any free port. */
  readonly port: number | undefined;
}

export interface PlanOptions {
  /** Names of the services to run; default all, an empty list none. */
  readonly only?: readonly string[] | undefined;
  /** Instances by service name; default 1. */
  readonly scale?: Readonly<Record<string, number>>;
  /** Undefined: free ports for all. */
  readonly portBase: number | undefined;
}

/** Decides which processes run; throws for a name that no service has and a service without code. */
export function planInstances(table: readonly ServiceDefinition[], options: PlanOptions): PlannedInstance[] {
  const scale = options.scale ?? {};
  for (const name of [...(options.only ?? []), ...Object.keys(scale)]) {
    if (table.some((row) => row.name === name)) continue;
    throw new Error(`There is no service "${name}". Services: ${table.map((row) => row.name).join(', ')}.`);
  }
  const chosen = table.filter(({ name }) => options.only === undefined || options.only.includes(name));
  return chosen.flatMap((row) => {
    if (!existsSync(row.entry)) throw new Error(`${row.name} cannot be started: there is no ${row.entry}.`);
    const count = scale[row.name] ?? 1;
    return Array.from({ length: count }, (_, index) => ({
      service: row,
      scaled: count > 1,
      id: count === 1 ? row.name : `${row.name}-${index + 1}`,
      port: index === 0 && options.portBase !== undefined ? options.portBase + row.portOffset : undefined,
    }));
  });
}
