import { accountContracts } from './accounts/contracts.ts';
import type { EventContract } from './contract.ts';
import { orderContracts } from './orders/contracts.ts';
import { createRegistry, type EventRegistry } from './registry.ts';
import { userContracts } from './users/contracts.ts';

/** Every contract that this repository ships. */
export const headraceContracts: readonly EventContract[] = [
  ...orderContracts,
  ...accountContracts,
  ...userContracts,
];

/** The registry that all services share. */
export const headraceRegistry: EventRegistry = createRegistry(headraceContracts);
