import { UnknownProjectionError } from '@headrace/projections';
import { mapByCode, type ProblemMapper, problem } from '@headrace/service-kit';
import { isReserved } from './catalogue.ts';

const STARTING = {
  status: 503,
  slug: 'starting',
  title: 'Service unavailable',
  detail: 'The read models are not there yet: the service is starting.',
  retryAfterSeconds: 1,
};

/** What queries may meet; SQLSTATEs are those of sound queries. */
export const projectionProblems = mapByCode({
  EVENT_PARKED: { status: 409, title: 'Event is parked', fields: ['eventId', 'projection'] },
  NOT_MATERIALISED: {
    status: 504,
    title: 'Event not yet in the read model',
    detail: 'The read model has not come to this event in the time allowed; ask again, or allow more time.',
    fields: ['eventId', 'projection', 'waitedMs', 'lag'],
  },
  BUILD_IN_PROGRESS: { status: 409, title: 'Being built already', fields: ['version'] },
  VERSION_ACTIVE: { status: 409, title: 'Version is the active one' },
  PROJECTION_EXISTS: { status: 409, title: 'Projection exists' },
  UNREADABLE_DECLARATION: { status: 409, title: 'Declared by another release' },
  DECLARED_DIFFERENTLY: {
    status: 409,
    slug: 'projection-exists',
    title: 'Projection exists',
    fields: ['declared'],
  },
  TOO_MANY_DECLARED: { status: 409, title: 'Too many declared projections', fields: ['limit'] },
  UNKNOWN_PROJECTION: STARTING,
  // undefined table
  '42P01': STARTING,
  // undefined column: the active version is one of another release, until this release's has caught up
  '42703': { ...STARTING, detail: 'The read model is being built for this release of the service.' },
  // query cancelled
  '57014': {
    status: 503,
    slug: 'query-too-long',
    title: 'Query took too long',
    detail: 'The query could not be answered in time; ask for less.',
    retryAfterSeconds: 10,
  },
});

/** A declared projection is there from its declaration on: one that is not has been removed, by now or long ago. */
export const removedProjection: ProblemMapper = (error) => {
  if (!(error instanceof UnknownProjectionError) || isReserved(error.projection)) return undefined;
  return problem(404, 'not-found', 'Not found', { detail: error.message });
};
