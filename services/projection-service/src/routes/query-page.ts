import { z } from 'zod';

export const QUERY_TAGS = ['queries'];

/** In the answer to every list: the cursor of the next page. */
export const nextCursor = z.string().nullable().describe('where the next page begins; null after the last');
