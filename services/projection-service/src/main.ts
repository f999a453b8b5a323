import { startService } from '@headrace/service-kit';
import { projectionService } from './service.ts';

await startService(projectionService, process.env);
