import { batchIdOf } from "../chain/codes.js";
import { ORDER_SIDES, type SignedOrder } from "../chain/orders.js";
import type { RemovalReason } from "./ports.js";
import type { SelfTradePrevention, Side, TimeInForce } from "../matching/types.js";

/** An accepted order, with all that its settlement will need. Numbers are safe integers; times of the chain are Unix seconds. */
export interface AcceptedOrder {
  readonly hash: string;
  readonly account: string;
  readonly participantId: number;
  readonly batch: string;
  readonly side: Side;
  readonly type: "limit" | "market";
  readonly tonnes: number;
  readonly minimumTonnes: number;
  readonly price: number;
  readonly maximumFee: number;
  readonly nonce: number;
  readonly expiresAt: number;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly selfTrade: SelfTradePrevention;
  readonly mode: "book" | "put-through";
  readonly signature: string;
  /** When it leaves the book by itself: not later than can still settle in time. */
  readonly leavesAt: number;
  /** The firm order that it takes, by its number. */
  readonly selects: number | null;
  /** The session of the own-orders stream that it ends with. */
  readonly session: string | null;
}

/** As its account signed it. */
export function signedOrderOf(accepted: AcceptedOrder): SignedOrder {
  return {
    order: {
      account: accepted.account,
      batchId: batchIdOf(accepted.batch),
      side: ORDER_SIDES.indexOf(accepted.side),
      tonnes: BigInt(accepted.tonnes),
      minimumTonnes: BigInt(accepted.minimumTonnes),
      limitPrice: BigInt(accepted.price),
      maximumFeeBasisPoints: BigInt(accepted.maximumFee),
      nonce: BigInt(accepted.nonce),
      expiresAt: BigInt(accepted.expiresAt),
    },
    signature: accepted.signature,
  };
}

/** Which orders a mass cancellation means: all that fit everything that is given. */
export interface OrderFilter {
  readonly participantId?: number | undefined;
  readonly account?: string | undefined;
  readonly batch?: string | undefined;
  readonly side?: Side | undefined;
  readonly session?: string | undefined;
  /** Only orders with a lower nonce. */
  readonly beforeNonce?: number | undefined;
}

/** The inputs of the markets, as the log keeps them. Their place in the log is their number; an order is known by the number of its command. */
export type MarketCommand =
  | { readonly kind: "order"; readonly order: AcceptedOrder }
  | {
      readonly kind: "replace";
      /** Number of the order that goes. */
      readonly number: number;
      /** What was filled of it when this was asked for: if it is more by now, nothing is replaced. */
      readonly filledTonnes: number;
      readonly order: AcceptedOrder;
    }
  | { readonly kind: "cancel"; readonly number: number; readonly reason: RemovalReason }
  | { readonly kind: "cancel-all"; readonly filter: OrderFilter; readonly reason: RemovalReason };

/** The commands of a row of the log, as its text. */
export function encodeCommands(commands: readonly MarketCommand[]): string {
  return JSON.stringify(commands);
}

export function decodeCommands(text: string): MarketCommand[] {
  return JSON.parse(text) as MarketCommand[];
}
