import { describe, expect, it } from 'vitest';
import { useEventApi } from './event-api.ts';
import { expectProblem } from './refusals.ts';

describe('users', () => {
  const { api } = useEventApi();

  it('meet their events in the stream of their id', async () => {
    const userId = 'user_123';
    await api().command('CreateUser', { userId, name: 'Ada', attributes: { plan: 'free', beta: true } });
    await api().command('UpdateUser', { userId, updates: { attributes: { plan: 'pro', beta: null } } });
    const { status, data } = await api().get('/api/events/user_123');
    expect([status, data.streamId, data.currentVersion]).toEqual([200, 'user_123', 2]);
    expect(data.events.map(({ eventType }: { eventType: string }) => eventType)).toEqual([
      'UserCreated',
      'UserUpdated',
    ]);
    const appended = await api().post('/api/events', {
      streamId: 'user_123',
      eventType: 'UserUpdated',
      eventData: { userId, updates: { name: 'Ada King' } },
      expectedVersion: 2,
    });
    expect(appended.data).toMatchObject({ streamId: 'user_123', version: 3 });
    const { finalState } = (await api().post('/api/events/user_123/replay')).data;
    expect(finalState).toMatchObject({ userId, name: 'Ada King', attributes: { plan: 'pro' }, version: 3 });
    expect((await api().command('CreateUser', { userId: '42' })).data.result.streamId).toBe('user:42');
  });

  it('are created once, updated and deleted', async () => {
    const userId = 'user_7';
    expectProblem(await api().command('UpdateUser', { userId, updates: { name: 'x' } }), {
      status: 404,
      type: 'user-not-found',
    });
    await api().command('CreateUser', { userId });
    expectProblem(await api().command('CreateUser', { userId }), {
      status: 409,
      type: 'user-already-exists',
    });
    expectProblem(await api().command('UpdateUser', { userId, updates: {} }), {
      status: 422,
      type: 'nothing-to-update',
    });
    expect((await api().command('DeleteUser', { userId })).status).toBe(201);
    expectProblem(await api().command('DeleteUser', { userId }), { status: 409, type: 'user-deleted' });
    expect(await api().events('user_7')).toHaveLength(2);
  });

  it('keep a cause that looks like an event id and is none', async () => {
    const metadata = { causationId: '1-99999999999999999999-0' };
    const { status } = await api().command('CreateUser', { userId: 'user_8' }, { metadata });
    expect(status).toBe(201);
    expect((await api().events('user_8'))[0]?.meta).toMatchObject(metadata);
    const later = { prefer: 'respond-async' };
    const queued = await api().command('CreateUser', { userId: 'user_9' }, { metadata }, later);
    expect(queued.status).toBe(202);
  });
});
