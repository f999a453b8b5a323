import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, type TcpProxy, tcpProxy, useRedis } from '../src/index.ts';

describe('tcpProxy', () => {
  const redis = useRedis();
  let proxy: TcpProxy;
  let direct: Redis;
  let client: Redis;

  const connectTo = (url: string): Redis => {
    const connection = new Redis(url, {
      protocol: 2,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => 20,
    });
    connection.on('error', () => undefined);
    return connection;
  };

  beforeEach(async () => {
    proxy = await tcpProxy({ target: redis.url });
    direct = connectTo(redis.url);
    client = connectTo(proxy.url);
    await client.ping();
  });

  afterEach(async () => {
    client.disconnect();
    direct.disconnect();
    await proxy.close();
  });

  it('lets requests and replies through', async () => {
    await client.set(`${redis.prefix}:a`, '1');
    expect(await direct.get(`${redis.prefix}:a`)).toBe('1');
  });

  it('drops one reply: the server has done the work, the client only sees its connection end', async () => {
    const key = `${redis.prefix}:lost`;
    proxy.dropReplies(1);
    await expect(client.incr(key)).rejects.toThrow();
    expect(proxy.droppedReplies).toBe(1);
    expect(await direct.get(key)).toBe('1');
    await eventually(async () => expect(await client.incr(key)).toBe(2));
  });

  it('drops only replies to requests that match', async () => {
    const key = `${redis.prefix}:matched`;
    proxy.dropReplies((request) => /incr/i.test(request.toString('latin1')));
    expect(await client.ping()).toBe('PONG');
    await expect(client.incr(key)).rejects.toThrow();
    expect(await direct.get(key)).toBe('1');
  });

  it('loses nothing that the client sent when a reply to an earlier request is dropped', async () => {
    const key = `${redis.prefix}:pipeline`;
    proxy.dropReplies(1);
    const results = await Promise.allSettled(Array.from({ length: 100 }, () => client.incr(key)));
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    await eventually(async () => expect(await direct.get(key)).toBe('100'));
  });

  it('swallows replies: the connection on which the request came stays open and silent, others do not', async () => {
    const key = `${redis.prefix}:swallowed`;
    const other = connectTo(proxy.url);
    await other.ping();
    let ended = false;
    client.once('close', () => {
      ended = true;
    });
    proxy.swallowReplies((request) => /incr/i.test(request.toString('latin1')));
    const answers = [client.incr(key), client.ping()].map((answer) => answer.catch(() => 'failed'));
    await eventually(async () => expect(await direct.get(key)).toBe('1'));
    expect(await other.incr(key)).toBe(2);
    expect(await Promise.race([...answers, other.echo('nobody answered')])).toBe('nobody answered');
    expect(ended).toBe(false);
    other.disconnect();
  });

  it('holds bytes back until it is resumed', async () => {
    const key = `${redis.prefix}:stalled`;
    proxy.stall();
    const answer = client.incr(key);
    await direct.ping();
    expect(await direct.get(key)).toBeNull();
    proxy.resume();
    expect(await answer).toBe(1);
  });

  it('refuses connections while down and accepts them again on the same port', async () => {
    const { port } = proxy;
    await proxy.down();
    await expect(client.ping()).rejects.toThrow();
    await proxy.up();
    expect(proxy.port).toBe(port);
    await eventually(async () => expect(await client.ping()).toBe('PONG'));
  });

  it('cuts open connections and accepts new ones', async () => {
    const ended = new Promise((resolve) => client.once('close', resolve));
    proxy.cut();
    await ended;
    await eventually(async () => expect(await client.ping()).toBe('PONG'));
  });
});
