import type { Money, OrderItem, PaymentTerms } from '@headrace/shop';

// Commands speak the domain's terms: money is already in minor units, defaults of the edge are filled in.
// Optional fields may hold `undefined`, as a parsed request body does.

/** Orders at once, without a draft. `paymentTerms` default to `prepaid`. */
export interface PlaceOrder {
  readonly type: 'PlaceOrder';
  readonly orderId: string;
  readonly userId: string;
  /** The same id may appear twice if the price agrees; its quantities are added up. */
  readonly items: readonly OrderItem[];
  /** Required unless every item has a price; if given beside prices, it must equal their sum. */
  readonly amount?: Money | undefined;
  readonly currency: string;
  readonly email?: string | undefined;
  readonly paymentTerms?: PaymentTerms | undefined;
}

/** Opens a draft, with or without first items. `paymentTerms` default to `prepaid`. */
export interface CreateDraft {
  readonly type: 'CreateDraft';
  readonly orderId: string;
  readonly userId: string;
  readonly currency: string;
  readonly items?: readonly OrderItem[] | undefined;
  readonly email?: string | undefined;
  readonly paymentTerms?: PaymentTerms | undefined;
}

export interface AddItem {
  readonly type: 'AddItem';
  readonly orderId: string;
  readonly item: OrderItem;
}

/** Takes all pieces of the item out. */
export interface RemoveItem {
  readonly type: 'RemoveItem';
  readonly orderId: string;
  readonly itemId: string;
}

/** Places a draft; `amount` as in `PlaceOrder`. */
export interface ConfirmOrder {
  readonly type: 'ConfirmOrder';
  readonly orderId: string;
  readonly amount?: Money | undefined;
}

export interface PayOrder {
  readonly type: 'PayOrder';
  readonly orderId: string;
  readonly amount: Money;
  readonly paymentMethod: string;
}

export interface ShipOrder {
  readonly type: 'ShipOrder';
  readonly orderId: string;
  readonly carrier?: string | undefined;
  readonly trackingNumber: string;
}

export interface DeliverOrder {
  readonly type: 'DeliverOrder';
  readonly orderId: string;
  readonly signature?: string | undefined;
}

export interface CancelOrder {
  readonly type: 'CancelOrder';
  readonly orderId: string;
  readonly reason: string;
  /** Who cancels: the customer, a clerk, or a service's name. */
  readonly userId: string;
  /** Refuses to cancel once a payment has come in: what a payment deadline asks for. */
  readonly onlyIfUnpaid?: boolean | undefined;
}

export interface RefundOrder {
  readonly type: 'RefundOrder';
  readonly orderId: string;
  /** `remaining` is all that was paid and not yet given back. */
  readonly amount: Money | 'remaining';
  readonly reason: string;
}

export type OrderCommand =
  | PlaceOrder
  | CreateDraft
  | AddItem
  | RemoveItem
  | ConfirmOrder
  | PayOrder
  | ShipOrder
  | DeliverOrder
  | CancelOrder
  | RefundOrder;
