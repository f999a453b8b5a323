import type { EventEnvelope } from '@headrace/event-schema';
import { foldRow } from '@headrace/projections';
import { describe, expect, it } from 'vitest';
import { auditLog } from './audit-log.ts';

const event: EventEnvelope = {
  id: 'imported-1',
  position: '3-1732150000000-7',
  stream: 'shipment:1',
  category: 'shipment',
  version: 2,
  type: 'ShipmentLost',
  schemaVersion: 4,
  data: { any: 'thing' },
  recordedAt: '2024-11-21T00:46:40.000Z',
  occurredAt: '2024-11-20T00:00:00.000Z',
  meta: { actor: 'ada', correlationId: 'c', causationId: 'b', commandId: 'a' },
  unreadable: 'unknown-type',
};
const rowOf = (one: EventEnvelope) => foldRow(auditLog, [one], one.position);

describe('audit_log', () => {
  it('takes every event, whatever its type', () => {
    expect(auditLog.types).toBeUndefined();
  });

  it('records an event that no contract knows', async () => {
    expect(await rowOf(event)).toEqual({
      position: '3-1732150000000-7',
      partition: 3,
      ms: 1_732_150_000_000,
      seq: 7,
      event_id: 'imported-1',
      stream: 'shipment:1',
      category: 'shipment',
      type: 'ShipmentLost',
      version: 2,
      schema_version: 4,
      unreadable: 'unknown-type',
      actor: 'ada',
      correlation_id: 'c',
      causation_id: 'b',
      command_id: 'a',
      recorded_at: new Date('2024-11-21T00:46:40.000Z'),
      occurred_at: new Date('2024-11-20T00:00:00.000Z'),
      data: { any: 'thing' },
    });
  });

  it('records what was written by hand, whatever is in it', async () => {
    const meta: Record<string, unknown> = { actor: 5, correlationId: 'x'.repeat(10_000), commandId: null };
    const wild = {
      ...event,
      version: Number.NaN,
      schemaVersion: 1.5,
      type: 'a\0b',
      meta,
      data: '{"not json',
    };
    expect(await rowOf(wild)).toMatchObject({
      version: 0,
      schema_version: 0,
      type: 'a\u{FFFD}b',
      actor: null,
      correlation_id: 'x'.repeat(512),
      command_id: null,
      data: '{"not json',
    });
  });
});
