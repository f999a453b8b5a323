import { startService } from '@headrace/service-kit';
import { analyticsWorker } from './service.ts';

await startService(analyticsWorker, process.env);
