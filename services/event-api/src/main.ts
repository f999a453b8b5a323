import { startService } from '@headrace/service-kit';
import { keepHeapSmall } from './heap.ts';
import { eventApi } from './service.ts';

keepHeapSmall();

await startService(eventApi, process.env);
