import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { findFreePort, isPortFree, PortBusyError, portSetting, requireFreePort } from './ports.ts';

describe('ports', () => {
  const server = createServer();
  afterEach(() => server.close());

  it('names the busy port and the setting that changes it', async () => {
    const port = await findFreePort();
    expect(await isPortFree(port)).toBe(true);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');

    expect(await isPortFree(port)).toBe(false);
    const refused = requireFreePort(port, 'Redis', 'REDIS_PORT');
    await expect(refused).rejects.toThrow(PortBusyError);
    await expect(refused).rejects.toThrow(new RegExp(`Port ${port} .* Redis .* REDIS_PORT`));
  });

  it('finds another free port each time, though nobody listens on the last one yet', async () => {
    const ports = await Promise.all(Array.from({ length: 300 }, findFreePort));
    expect(new Set(ports).size).toBe(300);
  });
});

describe('portSetting', () => {
  it('falls back when the variable is not set or empty', () => {
    expect(portSetting({}, 'P', 3000)).toBe(3000);
    expect(portSetting({ P: '' }, 'P', 3000)).toBe(3000);
    expect(portSetting({ P: '4000' }, 'P', 3000)).toBe(4000);
  });

  it.each(['0', '65536', '80.5', 'http'])('rejects %s', (value) => {
    expect(() => portSetting({ P: value }, 'P', 3000)).toThrow('P must be a port number');
  });
});
