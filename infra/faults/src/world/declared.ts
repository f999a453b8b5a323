import { requestJson } from './json.ts';

/** Projections that a run declares over HTTP, one of each kind, so that these are checked as well. */
export const declarations = [
  {
    projectionId: 'payments',
    name: 'Payments by currency',
    eventTypes: ['PaymentReceived'],
    key: 'amount.currency',
    reduce: { sum: 'amount.minor' },
  },
  {
    projectionId: 'turning_points',
    name: 'Orders placed and cancelled by customer',
    eventTypes: ['OrderPlaced', 'OrderCancelled'],
    key: 'userId',
    reduce: 'count',
  },
  {
    projectionId: 'latest',
    name: 'What was last said of an order',
    eventTypes: ['OrderPlaced', 'OrderCancelled'],
    key: 'stream',
    reduce: 'merge',
  },
] as const;

export type DeclaredId = (typeof declarations)[number]['projectionId'];

/** @param url of the projection service */
export async function declareProjections(url: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  for (const declaration of declarations)
    await requestJson(`${url}/api/projections`, {
      method: 'POST',
      headers,
      body: JSON.stringify(declaration),
    });
}
