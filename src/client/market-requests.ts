import type { OrderJson } from "../chain/orders.js";
import type { DealTerms } from "./deal-types.js";
import type { CalendarName, Side } from "./market-types.js";
import type { SelfTrade, TimeInForce } from "./order-types.js";
import type { Address, DateTime, Hash, Quantity } from "./types.js";

/** Bodies of the requests of the market. Fields with `?` may be left out. */

export interface DefineMarket {
  readonly tick: Quantity;
  readonly bandBasisPoints: number | null;
  readonly referencePrice?: Quantity | null;
  readonly calendar: CalendarName;
}

/** What a firm may say about an order besides what it signs. */
export interface OrderConditions {
  readonly kind?: "limit" | "market";
  readonly timeInForce?: TimeInForce;
  readonly postOnly?: boolean;
  readonly selfTrade?: SelfTrade;
  readonly mode?: "book" | "put-through";
  /** Takes this firm order of the put-through board. */
  readonly selects?: Hash;
  /** Of a stream of own orders: the order is cancelled when it ends. */
  readonly session?: string;
}

/** What a firm wants of an order. */
export interface OrderInput extends OrderConditions {
  readonly batch: string;
  readonly side: Side;
  readonly tonnes: Quantity;
  /** Per tonne: the highest of a buy, the lowest of a sale. */
  readonly limitPrice: Quantity;
  /** The first trades take at least so much together, or none. Default 0. */
  readonly minimumTonnes?: Quantity;
  /** The highest fee, of the trade's value. Default 0. */
  readonly maximumFeeBasisPoints?: Quantity;
  /** Unix time in seconds of the last second in which it may settle. Default: a day from now. */
  readonly expiresAt?: Quantity;
}

/** An order of a managed account: the service signs it. */
export interface ManagedOrder extends OrderInput {
  readonly account?: Address;
  /** With a nonce of yours the same request again is the same order. */
  readonly nonce?: Quantity;
}

export interface SignedOrder extends OrderConditions {
  readonly order: OrderJson;
  readonly signature: string;
}

export interface SignedDealReport {
  readonly deal: DealTerms;
  readonly signature: string;
  readonly reportedBy: "buyer" | "seller";
}

/** A deal of a managed account. */
export interface ManagedDealReport extends Omit<DealTerms<Quantity>, "seller" | "buyer" | "nonce"> {
  readonly account?: Address;
  readonly side: "buyer" | "seller";
  readonly counterparty: Address;
  readonly nonce?: Quantity;
}

/** What a firm agreed on with another. */
export interface DealInput {
  readonly side: "buyer" | "seller";
  readonly counterparty: Address;
  readonly batch: string;
  readonly tonnes: Quantity;
  readonly price: Quantity;
  /** Default 0. */
  readonly maximumFeeBasisPoints?: Quantity;
  /** Unix time in seconds. Default: a day from now. */
  readonly expiresAt?: Quantity;
  /** Default: 256 random bits. */
  readonly nonce?: Quantity;
}

export interface AuctionTimes {
  readonly opensAt: DateTime;
  readonly closesAt: DateTime;
}

export interface ManagedAuction extends AuctionTimes {
  readonly account?: Address;
  readonly batch: string;
  readonly tonnes: Quantity;
  readonly reservePrice: Quantity;
  readonly maximumFeeBasisPoints: Quantity;
  /** As of an order. */
  readonly nonce?: Quantity;
}

export interface ManagedBid {
  readonly account?: Address;
  readonly tonnes: Quantity;
  readonly price: Quantity;
  readonly maximumFeeBasisPoints: Quantity;
  /** As of an order. */
  readonly nonce?: Quantity;
}

export type SignedOrderOnly = Pick<SignedOrder, "order" | "signature">;

/** `batch` null: cash. */
export interface WithdrawalInput {
  readonly account?: Address;
  readonly batch: string | null;
  readonly amount: Quantity;
}

export interface CashTransferInput {
  readonly account?: Address;
  readonly to: Address;
  readonly amount: Quantity;
}

export interface RedemptionInput {
  readonly account?: Address;
  readonly amount: Quantity;
}

export interface DepositInput {
  readonly account: Address;
  readonly amount: Quantity;
  /** The bank's own, used once for ever. */
  readonly reference: string;
}
