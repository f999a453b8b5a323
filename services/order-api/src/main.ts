import { startService } from '@headrace/service-kit';
import { orderApi } from './service.ts';

await startService(orderApi, process.env);
