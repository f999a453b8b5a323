import { describe, expect, it } from 'vitest';
import { endpointsOf } from './endpoints.ts';

describe('endpointsOf', () => {
  it('finds a system that was started with npm start', () => {
    expect(endpointsOf({})).toEqual({
      orderApi: 'http://127.0.0.1:3000',
      projections: 'http://127.0.0.1:3002',
      emails: 'http://127.0.0.1:3003',
      analytics: 'http://127.0.0.1:3004',
      billing: 'http://127.0.0.1:3005',
      inbox: 'http://127.0.0.1:1080',
    });
  });

  it('follows HEADRACE_PORT_BASE, and a service’s own URL before it', () => {
    const env = {
      HEADRACE_PORT_BASE: '4000',
      ORDER_API_URL: 'https://orders.example.com/',
      MAIL_WEB_PORT: '9080',
    };
    expect(endpointsOf(env)).toMatchObject({
      orderApi: 'https://orders.example.com',
      billing: 'http://127.0.0.1:4005',
      inbox: 'http://127.0.0.1:9080',
    });
  });

  it('says which port is none', () => {
    expect(() => endpointsOf({ HEADRACE_PORT_BASE: 'many' })).toThrow('HEADRACE_PORT_BASE');
  });
});
