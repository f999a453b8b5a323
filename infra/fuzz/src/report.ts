import type { Fault, FuzzReport } from './run.ts';

const LONGEST = 1_500;

/** The result of a run, with a curl command for each fault. */
export function describeReport({ operations, neverDone, statuses, faults, parked }: FuzzReport): string {
  const counts = Object.entries(statuses).map(([status, count]) => `${status}: ${count}`);
  return [
    `${operations} operations; answers ${counts.join(', ')}`,
    ...(neverDone.length === 0 ? [] : [`never done: ${neverDone.join(', ')}`]),
    ...faults.map(describeFault),
    ...parked,
    `${faults.length} faults, ${parked.length} events or groups that the workers could not handle`,
  ].join('\n');
}

function describeFault({ number, request, what, answer }: Fault): string {
  const { operation, method, target, headers, body } = request;
  const options = [
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--data-binary ${quoted(body.toString())}`]),
  ];
  const command = `curl --path-as-is -X ${method} ${quoted(operation.url + target)} ${options.join(' ')}`;
  return [
    `Request ${number}, ${operation.service}, ${operation.method} ${operation.path}: ${what}`,
    `  ${cut(command)}`,
    `  ${cut(answer?.body ?? '')}`,
  ].join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (${text.length} characters)`;
}
