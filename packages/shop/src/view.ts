import { z } from 'zod';

/** A business time in a view. What an old system wrote is shown as it is, so it is described and not checked. */
export const timeInView = z.string().meta({ format: 'date-time', description: 'business time, ISO 8601' });

/** The place of a view in its stream. */
export const versionInView = z
  .int()
  .describe(
    'version of the stream that this is; of a read model, of the last event of the stream that is in here',
  );
