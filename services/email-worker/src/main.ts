import { startService } from '@headrace/service-kit';
import { emailWorker } from './service.ts';

await startService(emailWorker, process.env);
