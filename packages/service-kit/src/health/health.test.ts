import { describe, expect, it } from 'vitest';
import { appForTests } from '../../test/app-for-tests.ts';

describe('health', () => {
  it('is live whatever the dependencies do', async () => {
    const { app } = await appForTests({ checks: { redis: () => Promise.reject(new Error('down')) } });
    expect((await app.inject({ url: '/health/live' })).json()).toEqual({ status: 'live' });
  });

  it('is ready when all checks pass', async () => {
    const { app } = await appForTests({ checks: { redis: async () => 'PONG', postgres: async () => 1 } });
    const response = await app.inject({ url: '/health/ready' });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({
      status: 'ready',
      checks: [
        { name: 'redis', ok: true },
        { name: 'postgres', ok: true },
      ],
    });
  });

  it('names what fails or hangs, without its message, and logs it once', async () => {
    const refused = Object.assign(new Error('redis://:hunter2@r refused'), { code: 'ECONNREFUSED' });
    let down = true;
    const { app, log } = await appForTests({
      checkTimeoutMs: 50,
      checks: {
        redis: async () => {
          if (down) throw refused;
        },
        postgres: () => new Promise(() => {}),
      },
    });
    await app.inject({ url: '/health/ready' });
    const response = await app.inject({ url: '/health/ready' });
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({
      status: 'not-ready',
      checks: [
        { name: 'redis', ok: false, error: 'ECONNREFUSED' },
        { name: 'postgres', ok: false, error: 'DEADLINE_EXCEEDED' },
      ],
    });
    expect(response.body).not.toContain('hunter2');
    expect(log.filter((line) => line.includes('readiness check fails'))).toHaveLength(2);
    down = false;
    await app.inject({ url: '/health/ready' });
    expect(log.some((line) => line.includes('passes again'))).toBe(true);
  });

  it('is ready without what only its own work needs, and tells of it', async () => {
    const { app } = await appForTests({
      checks: { postgres: async () => 1 },
      workChecks: { smtp: () => Promise.reject(new Error('down')) },
    });
    const response = await app.inject({ url: '/health/ready' });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({
      status: 'ready',
      checks: [
        { name: 'postgres', ok: true, required: true },
        { name: 'smtp', ok: false, required: false },
      ],
    });
  });

  it('asks each dependency once for many callers at a time', async () => {
    let calls = 0;
    const { app } = await appForTests({
      checks: {
        redis: async () => {
          calls += 1;
          await new Promise((resolve) => setTimeout(resolve, 50));
        },
      },
    });
    await Promise.all([1, 2, 3].map(() => app.inject({ url: '/health/ready' })));
    expect(calls).toBe(1);
  });

  it('is not ready while starting and stopping', async () => {
    const { app } = await appForTests();
    app.readiness.markStarting();
    expect((await app.inject({ url: '/health/ready' })).json().status).toBe('starting');
    app.readiness.markStarted();
    expect((await app.inject({ url: '/health/ready' })).statusCode).toBe(200);
    app.readiness.markStopping();
    app.readiness.markStarted();
    const response = await app.inject({ url: '/health/ready' });
    expect([response.statusCode, response.json().status]).toEqual([503, 'stopping']);
  });
});
