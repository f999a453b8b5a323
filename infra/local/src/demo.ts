import { commandLine, messageOf, runProgram, say } from './command-line.ts';
import { type Endpoints, endpointsOf, urlSetting } from './demo/endpoints.ts';
import { http, NotRunningError } from './demo/http.ts';
import type { Seen } from './demo/seen.ts';
import { walkCancellation, walkDraft, walkLifecycle } from './demo/stories.ts';
import { renderSeen, whereNext } from './demo/tables.ts';
import { services } from './services.ts';

const help = `
Environment:
  HEADRACE_PORT_BASE   as npm start has it (default 3000)
  ${services.map(({ name }) => urlSetting(name)).join(', ')}
                       where a service is, if it is not on this machine
  MAIL_URL             the web page of the mail inbox

Exit codes: 0 everything went as expected, 1 something did not, 2 the system does not run.`;

/** `npm run demo`. */
async function main(): Promise<number> {
  const { json } = commandLine(
    'npm run demo --',
    'Takes three orders through a running system (npm start) and shows their events and states.',
  )
    .option('--json', 'print what was seen as JSON')
    .addHelpText('after', help)
    .parse()
    .opts();
  const endpoints = endpointsOf(process.env);
  try {
    const seen = await walkAll(endpoints);
    const text = json
      ? JSON.stringify(seen, null, 2)
      : `${renderSeen(seen)}\n\n${whereNext(endpoints, seen)}`;
    say(text);
    return 0;
  } catch (error) {
    if (!(error instanceof NotRunningError)) throw error;
    process.stderr.write(
      `${error.message}\nThe demo needs a running system. Start it with npm start in another terminal, wait for the ` +
        'table of URLs, and try again. When it runs elsewhere, see npm run demo -- --help.\n',
    );
    return 2;
  }
}

/** One after the other, as a person would do it. */
async function walkAll(endpoints: Endpoints): Promise<Seen> {
  const lifecycle = await walkLifecycle(http, endpoints);
  const cancellation = await walkCancellation(http, endpoints);
  const draft = await walkDraft(http, endpoints);
  return { orders: [lifecycle, cancellation, draft] };
}

await runProgram(main, messageOf);
