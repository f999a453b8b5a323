import { once } from 'node:events';
import Fastify from 'fastify';

const { HOST = '127.0.0.1', PORT = '0' } = process.env;

const app = Fastify({ logger: false });
const answer = {
  orderId: '6f1c2d3e-0000-4000-8000-000000000000',
  status: 'placed',
  version: 1,
  eventId: '3-1732150000000-0',
};

app.get('/health/ready', () => ({ status: 'ready' }));
app.post('/orders', (_request, reply) => {
  reply.code(201).send(answer);
});
await app.listen({ host: HOST, port: Number(PORT) });
await Promise.race([once(process, 'SIGTERM'), once(process, 'disconnect')]);
await app.close();
// an open channel to the parent would keep the process alive
if (process.connected) process.disconnect();
