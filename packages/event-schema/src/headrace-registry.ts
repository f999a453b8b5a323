import type { EventContract } from './contract.ts';
import { orderContracts } from './orders/contracts.ts';
import { createRegistry, type EventRegistry } from './registry.ts';

/** Every contract that this repository ships. */
export const headraceContracts: readonly EventContract[] = [...orderContracts];

/** The registry that all services share. */
export const headraceRegistry: EventRegistry = createRegistry(headraceContracts);
