import { domainProblems, type ProblemMapper } from '@headrace/service-kit';
import { withDecimals } from '@headrace/shop';

/** Maps what this service refuses, with amounts as decimal numbers. */
export const orderProblems: ProblemMapper = domainProblems(withDecimals);
