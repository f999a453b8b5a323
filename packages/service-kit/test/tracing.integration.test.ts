import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { currentTrace, isTracing } from '@headrace/event-store';
import { trace } from '@opentelemetry/api';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig, startTracing, tracingSettings } from '../src/index.ts';

const FIXTURE = fileURLToPath(new URL('./fixtures/loaded-modules.ts', import.meta.url));
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

async function loadedModules(...args: readonly string[]): Promise<readonly string[]> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--conditions=@headrace/source', FIXTURE, ...args]);
  return JSON.parse(stdout) as readonly string[];
}

describe('tracing', () => {
  it('loads no SDK unless there is somewhere to send traces to', async () => {
    expect(await loadedModules()).toEqual(['@opentelemetry/api']);
    expect(await loadedModules('http://127.0.0.1:9')).toContain('@opentelemetry/sdk-trace');
  });

  it('takes no part in traces while it is off, whatever a request brings along', () => {
    expect(isTracing()).toBe(false);
    expect(currentTrace(traceparent)).toBeUndefined();
  });

  it('is held up by a receiver that does not answer no longer than asked, and says so without its password', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const lines: string[] = [];
    const logger = pino({}, { write: (line) => void lines.push(line) });
    const config = loadConfig(z.object({ INSTANCE_ID: z.string(), ...tracingSettings() }), {
      INSTANCE_ID: 'i-1',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://collector:s3cret@127.0.0.1:${port}`,
    });
    const tracing = await startTracing(config, { name: 'test', version: '1.2.3', logger });
    try {
      expect(isTracing()).toBe(true);
      expect(currentTrace(traceparent)).toBeDefined();
      expect(currentTrace(traceparent.replace(/01$/, '00'))).toBeUndefined();
      for (let i = 0; i < 10_000; i += 1) trace.getTracer('test').startSpan('work').end();
      const stopping = performance.now();
      await tracing.stop(300);
      expect(performance.now() - stopping).toBeLessThan(5_000);
      expect(isTracing()).toBe(false);
      expect(lines.join('')).toContain('traces could not be sent');
      expect(lines.join('')).not.toContain('s3cret');
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
    ['OTEL_TRACES_SAMPLER_ARG', 'half'],
  ])('refuses %s=%s', (variable, value) => {
    expect(() => loadConfig(z.object(tracingSettings()), { [variable]: value })).toThrow(variable);
  });
});
