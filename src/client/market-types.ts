import type { StreamEvent } from "./event-stream.js";
import type { Address, DateTime, Day, Decimal, Hash, OnChain, ProblemDocument } from "./types.js";

/** What markets show. Prices are per tonne, in minor units of the settlement currency; a value is a price × tonnes. */

export type Side = "buy" | "sell";
export type TradeMode = "book" | "put-through" | "deal" | "auction";
export type TradeStatus = "matched" | "settled" | "failed";
export type InstrumentKind = "credit" | "allowance";
export type CalendarName = "vietnam" | "always-open";
export type Interval = "1m" | "5m" | "15m" | "1h" | "1d";
export type OrderStatus = "open" | "filled" | "cancelled" | "expired" | "rejected";
/** What becomes of an own order that would meet another one. */
export type SelfTrade = "cancel-incoming" | "cancel-resting" | "cancel-both";
export type TimeInForce = "gtc" | "gtd" | "day" | "ioc" | "fok";

export interface Market {
  readonly currency: string;
  readonly tick: Decimal;
  readonly bandBasisPoints: number | null;
  readonly referencePrice: Decimal | null;
  readonly priceBand: { readonly low: Decimal; readonly high: Decimal } | null;
  readonly calendar: CalendarName;
  readonly state: "open" | "halted";
  readonly stateReason: string | null;
  readonly updatedAt: DateTime;
}

export interface Instrument extends OnChain {
  readonly batch: string;
  readonly kind: InstrumentKind;
  /** Null: the operator has not defined it yet. */
  readonly market: Market | null;
  readonly isOpen: boolean;
  readonly nextOpen: DateTime | null;
  readonly nextClose: DateTime | null;
}

export interface MarketDecision {
  readonly kind: "definition" | "halt" | "resume";
  readonly role: string;
  readonly account: Address | null;
  readonly body: Readonly<Record<string, unknown>>;
  readonly at: DateTime;
}

export interface BookLevel {
  readonly price: Decimal;
  readonly tonnes: Decimal;
  readonly orders: number;
}

export interface Book {
  readonly batch: string;
  /** Where the stream goes on. */
  readonly sequence: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

interface TradedTerms {
  readonly id: Hash;
  readonly mode: TradeMode;
  readonly price: Decimal;
  readonly tonnes: Decimal;
  readonly value: Decimal;
  readonly aggressor: Side | null;
}

export interface PublicTrade extends TradedTerms {
  readonly batch: string;
  readonly matchedAt: DateTime;
  readonly status: TradeStatus;
  readonly txHash: Hash | null;
  readonly blockNumber: number | null;
  readonly links: { readonly transaction: string | null };
}

export interface Turnover {
  readonly tonnes: Decimal;
  readonly value: Decimal;
  /** How many. */
  readonly trades: Decimal;
}

interface Prices {
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly close: Decimal;
}

export interface Candle extends Turnover, Prices {
  readonly start: DateTime;
  readonly end: DateTime;
  /** A trade in it is not settled yet, and may still drop out. */
  readonly isProvisional: boolean;
}

export interface Candles {
  readonly batch: string;
  readonly interval: Interval;
  readonly items: readonly Candle[];
}

type ByMode = readonly (Turnover & { readonly mode: TradeMode })[];

export interface DailySummary extends Turnover {
  readonly batch: string;
  readonly day: Day;
  readonly currency: string;
  readonly prices: Prices | null;
  readonly reference: Decimal | null;
  /** With a minus sign when it fell. */
  readonly change: string | null;
  readonly byMode: ByMode;
  readonly isFinal: boolean;
}

export interface MarketDay {
  readonly day: Day;
  readonly items: readonly DailySummary[];
  readonly total: Turnover;
}

export interface Volume {
  readonly from: Day;
  readonly to: Day;
  readonly items: readonly (Turnover & { readonly batch: string; readonly byMode: ByMode })[];
  readonly total: Turnover;
}

export type LevelChange = BookLevel & { readonly side: Side };

/** What the stream of a market tells. Levels are as they are after the event; one without tonnes is gone. */
export type MarketStreamEvent =
  | StreamEvent<"snapshot", Book & { readonly at: DateTime }>
  | StreamEvent<"delta", { readonly at: DateTime; readonly levels: readonly LevelChange[] }>
  | StreamEvent<
      "trade",
      { readonly at: DateTime; readonly levels: readonly LevelChange[]; readonly trades: readonly TradedTerms[] }
    >
  | StreamEvent<
      "settlement",
      { readonly trade: Hash; readonly status: "settled" | "failed"; readonly txHash: Hash | null }
    >
  | StreamEvent<"state", { readonly at: DateTime; readonly state: "open" | "halted"; readonly reason: string | null }>;

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

/** A firm order that other members may select, in whole or in part. */
export interface PutThroughOrder {
  readonly id: Hash;
  readonly batch: string;
  readonly side: Side;
  readonly price: Decimal;
  readonly tonnes: Decimal;
  readonly minimumTonnes: Decimal;
  readonly account: Address;
  readonly participantId: number;
  readonly expiresAt: DateTime;
  readonly createdAt: DateTime;
  readonly links: Readonly<Record<string, string | null>> & { readonly self: string };
}

export interface DealTerms<Number = Decimal> {
  readonly seller: Address;
  readonly buyer: Address;
  readonly batch: string;
  readonly tonnes: Number;
  readonly price: Number;
  readonly maximumFeeBasisPoints: Number;
  /** Unix time in seconds. */
  readonly expiresAt: Number;
  readonly nonce: Number;
}

export type DealStatus = "reported" | "confirmed" | "settled" | "failed" | "cancelled" | "expired";

export interface ReportedDeal {
  readonly id: Hash;
  readonly status: DealStatus;
  readonly deal: DealTerms;
  readonly value: Decimal;
  readonly sellerParticipantId: number;
  readonly buyerParticipantId: number;
  readonly reportedBy: "buyer" | "seller";
  readonly confirmBy: DateTime;
  readonly cancelledBy: "buyer" | "seller" | null;
  readonly txHash: Hash | null;
  readonly blockNumber: number | null;
  readonly problem: ProblemDocument | null;
  readonly createdAt: DateTime;
  readonly updatedAt: DateTime;
  readonly links: Readonly<Record<string, string | null>>;
}

export interface Auction {
  readonly id: Hash;
  readonly status: "announced" | "open" | "closing" | "cleared" | "void" | "cancelled";
  readonly batch: string;
  readonly seller: Address;
  readonly sellerParticipantId: number;
  readonly tonnes: Decimal;
  readonly reservePrice: Decimal;
  readonly opensAt: DateTime;
  readonly closesAt: DateTime;
  readonly seedCommitment: Hash;
  readonly seed: Hash | null;
  readonly clearingPrice: Decimal | null;
  readonly voidReason: string | null;
  readonly createdAt: DateTime;
  readonly closedAt: DateTime | null;
  readonly links: Readonly<Record<string, string | null>> & { readonly self: string };
}

export interface Bid {
  readonly id: Hash;
  readonly auction: Hash;
  readonly status: "sealed" | "cancelled" | "won" | "lost";
  readonly account: Address;
  readonly participantId: number;
  readonly tonnes: Decimal;
  readonly price: Decimal;
  readonly allottedTonnes: Decimal;
  readonly createdAt: DateTime;
  readonly links: Readonly<Record<string, string | null>> & { readonly self: string };
}

export interface AuctionTranscript {
  readonly version: 1;
  readonly auction: Hash;
  readonly offeredTonnes: Decimal;
  readonly reservePrice: Decimal;
  readonly seedHash: Hash;
  readonly seed: Hash;
  readonly bids: readonly {
    readonly digest: Hash;
    readonly price: Decimal;
    readonly tonnes: Decimal;
    readonly tieKey: Hash;
    readonly wonTonnes: Decimal;
  }[];
  readonly demandedTonnes: Decimal;
  readonly clearingPrice: Decimal | null;
  readonly voidReason: "undersubscribed" | "below-reserve" | null;
  readonly excluded: readonly { readonly digest: Hash; readonly reason: string }[];
}

/** What a firm has on the exchange: `batch` null is cash. */
export interface Position {
  readonly account: Address;
  readonly participantId: number | null;
  readonly batch: string | null;
  readonly amount: Decimal;
  readonly leaving: Decimal;
  readonly availableAt: DateTime | null;
  readonly reserved: Decimal;
  readonly available: Decimal;
}

export type WithdrawalStatus = "leaving" | "withdrawn" | "cancelled" | "recovered";

export interface Withdrawal extends OnChain {
  readonly id: string;
  readonly account: Address;
  readonly batch: string | null;
  readonly amount: Decimal;
  readonly status: WithdrawalStatus;
  readonly availableAt: DateTime;
  readonly intentHash: Hash | null;
  readonly requestedAt: DateTime;
  readonly closedAt: DateTime | null;
}

/** The verdict over one order of many: exactly one of the two is there. */
export interface OrderVerdict {
  readonly order: Order | null;
  readonly problem: ProblemDocument | null;
}

/** What of a position is promised. */
export interface Reservation {
  readonly for: string;
  readonly batch: string | null;
  readonly amount: Decimal;
}
