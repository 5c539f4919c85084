import type { StreamEvent } from "./event-stream.js";
import type { Side, TradeMode, TradeStatus } from "./market-types.js";
import type { Address, DateTime, Decimal, Hash, ProblemDocument } from "./types.js";

/** Orders, and what became of them, as their owner sees them. */

export type OrderStatus = "open" | "filled" | "cancelled" | "expired" | "rejected";

/** What becomes of an own order that would meet another one. */
export type SelfTrade = "cancel-incoming" | "cancel-resting" | "cancel-both";

export type TimeInForce = "gtc" | "gtd" | "day" | "ioc" | "fok";

export interface StreamedOrder {
  readonly id: Hash;
  readonly account: Address;
  readonly batch: string;
  readonly side: Side;
  readonly tonnes: Decimal;
  readonly filledTonnes: Decimal;
  readonly price: Decimal;
  readonly status: OrderStatus;
  readonly reason: string | null;
}

/** What the stream of own orders tells. */
export type OwnStreamEvent =
  | StreamEvent<"ready", { readonly session: string | null; readonly isComplete: boolean }>
  | StreamEvent<"order", { readonly at: DateTime; readonly order: StreamedOrder }>
  | StreamEvent<
      "fill",
      {
        readonly at: DateTime;
        readonly order: StreamedOrder;
        readonly fill: { readonly trade: Hash; readonly price: Decimal; readonly tonnes: Decimal };
      }
    >
  | StreamEvent<
      "settlement",
      {
        readonly trade: Hash;
        readonly batch: string;
        readonly mode: TradeMode;
        readonly side: Side;
        readonly order: Hash;
        readonly tonnes: Decimal;
        readonly price: Decimal;
        readonly fee: Decimal | null;
        readonly status: TradeStatus;
        readonly txHash: Hash | null;
        readonly problem: ProblemDocument | null;
      }
    >;

/** An order as its owner sees it. */
export interface Order {
  readonly id: Hash;
  readonly account: Address;
  readonly participantId: number;
  readonly batch: string;
  readonly side: Side;
  readonly kind: "limit" | "market";
  readonly mode: "book" | "put-through" | "auction";
  readonly tonnes: Decimal;
  readonly minimumTonnes: Decimal;
  readonly limitPrice: Decimal;
  readonly maximumFeeBasisPoints: Decimal;
  readonly nonce: Decimal;
  readonly expiresAt: Decimal;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly selfTrade: SelfTrade;
  readonly status: OrderStatus;
  readonly reason: string | null;
  readonly filledTonnes: Decimal;
  readonly openTonnes: Decimal;
  readonly createdAt: DateTime;
  readonly updatedAt: DateTime;
  readonly links: Readonly<Record<string, string | null>> & { readonly self: string };
}

/** A trade as one of its parties sees it. */
export interface OwnTrade {
  readonly id: Hash;
  readonly batch: string;
  readonly mode: TradeMode;
  readonly side: Side;
  readonly order: Hash;
  readonly account: Address;
  readonly tonnes: Decimal;
  readonly price: Decimal;
  readonly isAggressor: boolean | null;
  readonly status: TradeStatus;
  readonly fee: Decimal | null;
  readonly txHash: Hash | null;
  readonly blockNumber: number | null;
  readonly problem: ProblemDocument | null;
  readonly matchedAt: DateTime;
  readonly links: Readonly<Record<string, string | null>> & { readonly self: string };
}

/** The verdict over one order of many: exactly one of the two is there. */
export interface OrderVerdict {
  readonly order: Order | null;
  readonly problem: ProblemDocument | null;
}
