import type { EventEnvelope } from '@headrace/event-schema';
import type { AccountEvent, OrderEvent, UserEvent } from '@headrace/shop';
import type { Evidence } from '../evidence/evidence.ts';
import type { WriteRequest } from '../load/client.ts';
import { eventsOf } from './log.ts';

/** Every acknowledged write is in the log once; none took effect twice; none was refused that is allowed. */
export function checkRequests(evidence: Pick<Evidence, 'log' | 'requests'>): readonly string[] {
  const byId = new Map(eventsOf(evidence).map((event) => [event.id, event]));
  const marked = Map.groupBy(eventsOf(evidence), markOf);
  const each = evidence.requests.flatMap((request) => {
    const found = marked.get(request.mark) ?? [];
    return [...checkCount(request, found), ...checkOutcome(request, byId)];
  });
  return [...each, ...checkContests(evidence.requests)];
}

/** Of several requests that compete, one wins. */
function checkContests(requests: readonly WriteRequest[]): readonly string[] {
  const contested = requests.filter(({ contest }) => contest !== undefined);
  return [...Map.groupBy(contested, ({ contest }) => contest)].flatMap(([contest, rivals]) => {
    const won = rivals.filter(({ outcome }) => outcome.status === 'acknowledged').length;
    if (won > 1) return [`${won} requests won the ${contest}`];
    return rivals.every(({ outcome }) => outcome.status === 'refused')
      ? [`no request won the ${contest}`]
      : [];
  });
}

function checkCount(
  { mark, what, outcome }: WriteRequest,
  found: readonly EventEnvelope[],
): readonly string[] {
  if (found.length > 1) return [`${what} ${mark} took effect ${found.length} times: ${idsOf(found)}`];
  if (outcome.status === 'acknowledged' && found.length === 0)
    return [`${what} ${mark} was acknowledged as ${outcome.eventId} and is not in the log`];
  if (outcome.status === 'refused' && found.length > 0)
    return [`${what} ${mark} was refused (${outcome.problem}) and is in the log as ${idsOf(found)}`];
  return [];
}

function checkOutcome(
  { mark, what, contest, keyed, attempts, outcome }: WriteRequest,
  byId: ReadonlyMap<string, EventEnvelope>,
): readonly string[] {
  if (outcome.status === 'unknown' && outcome.queuedAs !== undefined)
    return [`${what} ${mark} was queued as ${outcome.queuedAs} and never ended`];
  if (outcome.status === 'unknown')
    return keyed ? [`${what} ${mark} was asked ${attempts} times under its key and never answered`] : [];
  if (outcome.status === 'refused')
    return contest !== undefined && outcome.code === 409
      ? []
      : [`${what} ${mark} was refused: ${outcome.problem}`];
  const event = byId.get(outcome.eventId);
  // The last event of a draft or confirmation is not the one with the mark.
  if (event?.version === outcome.version) return [];
  const is = event === undefined ? 'is not there' : `has version ${event.version}`;
  return [`${what} ${mark} was acknowledged as ${outcome.eventId}, version ${outcome.version}, which ${is}`];
}

function idsOf(events: readonly EventEnvelope[]): string {
  return events.map(({ id }) => id).join(', ');
}

/** The mark that the client put into its write, by which its event is found. */
function markOf(event: EventEnvelope): string {
  const { type, data } = event as EventEnvelope & (OrderEvent | AccountEvent | UserEvent);
  switch (type) {
    case 'OrderPlaced':
      // Confirming a draft places the item that marks the draft.
      return event.version === 1 ? (data.items[0]?.name ?? '') : '';
    case 'OrderItemAdded':
      return data.item.name;
    case 'OrderConfirmed':
      return `confirm-${data.orderId}`;
    case 'PaymentReceived':
      return data.paymentMethod;
    case 'OrderShipped':
      return data.trackingNumber;
    case 'OrderDelivered':
      return data.signature ?? '';
    case 'OrderCancelled':
    case 'OrderRefunded':
      return data.reason;
    case 'AccountOpened':
      return data.owner;
    case 'MoneyDeposited':
    case 'MoneyWithdrawn':
      return data.description ?? '';
    case 'AccountClosed':
    case 'UserDeleted':
      return data.reason ?? '';
    case 'UserCreated':
      return data.name ?? '';
    case 'UserUpdated':
      return data.updates.name ?? '';
    default:
      return '';
  }
}
