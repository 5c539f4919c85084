import type { StreamEvent } from "./event-stream.js";
import type { Address, DateTime, Day, Decimal, Hash, OnChain } from "./types.js";

/** What markets show. Prices are per tonne, in minor units of the settlement currency; a value is a price × tonnes. */

export type Side = "buy" | "sell";
export type TradeMode = "book" | "put-through" | "deal" | "auction";
export type TradeStatus = "matched" | "settled" | "failed";
export type InstrumentKind = "credit" | "allowance";
export type CalendarName = "vietnam" | "always-open";
export type Interval = "1m" | "5m" | "15m" | "1h" | "1d";

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
