import { startService } from '@headrace/service-kit';
import { billingWorker } from './service.ts';

await startService(billingWorker, process.env);
