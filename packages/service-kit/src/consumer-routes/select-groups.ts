import type { ConsumerAdmin } from '@headrace/consumer';
import { z } from 'zod';
import { notFound } from '../problem/problem.ts';

export const TAGS = ['consumer groups'];

export const groupName = z.string().min(1).max(256).describe('consumer group');
export const groupFilter = groupName.optional().describe('one consumer group; default all of this service');

/** @throws ProblemError with 404 for a group that this service does not have */
export function selectGroups(
  admins: readonly ConsumerAdmin[],
  group: string | undefined,
): readonly ConsumerAdmin[] {
  if (group === undefined) return admins;
  const chosen = admins.filter((admin) => admin.group === group);
  if (chosen.length > 0) return chosen;
  throw notFound('This service has no such consumer group.', {
    group,
    known: admins.map((admin) => admin.group),
  });
}
