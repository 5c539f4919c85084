import type { Transaction } from "kysely";

import type { JsonObject } from "../db/inbox-tables.js";
import type { Database } from "../db/schema.js";
import type { Problem } from "../errors.js";
import type { Principal } from "../principal.js";

/**
 * What the parts of the market tell and ask each other inside the process.
 *
 * In here tonnes and prices are safe integers (`number`), as in the matching core; prices are minor units of the settlement currency per
 * tonne. Money (price × tonnes, fees) is `bigint`. Instants are Unix milliseconds; what contracts see is Unix seconds.
 */

export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
}

export type MarketSide = "buy" | "sell";

/** Where a trade came about. */
export type TradeMode = "book" | "put-through" | "deal" | "auction";

/** The asset of a position: a batch code, or `CASH`. */
export const CASH = "";

// ---------------------------------------------------------------------------------------------------------------- rules (H-F)

export type InstrumentKind = "credit" | "allowance";

/** A batch that is listed on the chain and has a market definition. */
export interface Instrument {
  readonly batch: string;
  readonly kind: InstrumentKind;
  /** Prices are multiples of it. */
  readonly tick: number;
}

/** The rules of the markets, in memory: asked for every order, so nothing in here waits. */
export interface MarketRules {
  /** Undefined: not listed, or without a market definition. */
  instrument(batch: string): Instrument | undefined;
  /** Why no order may enter this market at this moment: closed (calendar) or halted. Undefined: it is open. */
  refusalOfTime(batch: string, at: number): Problem | undefined;
  /** Why this price may not be: off the tick, or outside the band of the day. Undefined: it may. */
  refusalOfPrice(batch: string, price: bigint, at: number): Problem | undefined;
  /** End of the trading day that `at` belongs to, in Unix seconds: a day order leaves the book then. */
  endOfDay(batch: string, at: number): number;
}

// ----------------------------------------------------------------------------------------------------------------- feed (H-D)

/** Why an order left the book with tonnes left, or never entered it. Also the `reason` of an order in the API. */
export type RemovalReason =
  /** Its owner asked, or replaced it. */
  | "cancelled"
  | "replaced"
  | "mass-cancelled"
  /** The session of the own-orders stream that it was tied to has ended. */
  | "disconnected"
  /** On the chain: OrderCancelled, OrdersCancelledBefore. */
  | "cancelled-on-chain"
  | "participant-suspended"
  /** The position no longer covers it, as after a withdrawal that was asked for on the chain. */
  | "funds-withdrawn"
  | "expired"
  /** A fee begins that is above what its owner agreed to pay. */
  | "fee-above-cap"
  /** What an IOC order did not get at once. */
  | "immediate-remainder"
  /** A fill-or-kill or a minimum that could not be had. */
  | "minimum-not-available"
  /** A post-only order that would have traded. */
  | "would-trade"
  /** It met an order of the same participant. */
  | "self-trade"
  /** The instrument was taken from the market. */
  | "instrument-closed"
  /** The auction that it was for has ended, and gave it no more. */
  | "not-allotted";

export type MarketEvent =
  | {
      /** It rests in the book now, with so much. */
      readonly type: "opened";
      readonly order: string;
      readonly side: MarketSide;
      readonly price: number;
      readonly tonnes: number;
    }
  | {
      readonly type: "traded";
      /** Id of the trade, as in the API. */
      readonly trade: string;
      readonly taker: string;
      readonly maker: string;
      /** The side of the taker. */
      readonly aggressor: MarketSide;
      readonly price: number;
      readonly tonnes: number;
      /** What is left of the maker in the book. */
      readonly makerLeft: number;
      readonly mode: TradeMode;
    }
  | {
      /** It left the book; so much of it was still open. */
      readonly type: "removed";
      readonly order: string;
      readonly side: MarketSide;
      readonly price: number;
      readonly tonnes: number;
      readonly reason: RemovalReason;
    }
  | {
      /** Its owner made it smaller in its place. */
      readonly type: "reduced";
      readonly order: string;
      readonly side: MarketSide;
      readonly price: number;
      /** By so much. */
      readonly tonnes: number;
    };

/** All that one command did to one market. Commands that changed nothing in a market are not told. */
export interface MarketUpdate {
  /** Number of the command in the input log: grows, with gaps (each command concerns one market). */
  readonly seq: number;
  readonly batch: string;
  readonly at: number;
  readonly events: readonly MarketEvent[];
}

export interface BookLevel {
  readonly price: number;
  readonly tonnes: number;
  readonly orders: number;
}

/** Best price first. True for the state after command `seq`. */
export interface BookDepth {
  readonly seq: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

export type OrderStatus = "open" | "filled" | "cancelled" | "expired" | "rejected";

/** How an order stands, as its owner may see it. */
export interface OrderState {
  readonly hash: string;
  readonly number: number;
  readonly account: string;
  readonly participantId: number;
  readonly batch: string;
  readonly side: MarketSide;
  readonly tonnes: number;
  readonly filledTonnes: number;
  readonly price: number;
  readonly status: OrderStatus;
  readonly reason: RemovalReason | null;
}

export interface OrderUpdate {
  readonly seq: number;
  readonly at: number;
  readonly order: OrderState;
  /** The trade that changed it, if one did. */
  readonly trade: string | null;
}

/** What happens in the markets, in order, after it is durable. Listeners are called synchronously and must not throw. */
export interface MarketFeed {
  subscribe(listener: (update: MarketUpdate) => void): () => void;
  /** Changes of single orders: for the streams of their owners. */
  subscribeOrders(listener: (update: OrderUpdate) => void): () => void;
  /** Trades whose fate is known. */
  subscribeFates(listener: (fate: TradeFate) => void): () => void;
  /** The book now; `levels` of each side, all when left out. Empty for a market without orders. */
  bookOf(batch: string, levels?: number): BookDepth;
  /** Number of the last command that was applied. */
  seq(): number;
}

/** For the own-orders stream: orders that were placed with its session id leave the book when it ends. */
export interface OrderSessions {
  /** The session's stream is open: orders may name it from now on. */
  open(session: string, participantId: number): void;
  /** It has ended: its orders are cancelled. */
  close(session: string): void;
}

// --------------------------------------------------------------------------------------------------------- reservations (H-D)

/** How much of a position is free. All in tonnes, or in minor units for cash. */
export interface Availability {
  readonly amount: bigint;
  /** Asked to be withdrawn. */
  readonly leaving: bigint;
  readonly reserved: bigint;
  /** amount - leaving - reserved; never below zero. */
  readonly available: bigint;
}

export interface ReservationView {
  readonly key: string;
  readonly account: string;
  readonly asset: string;
  readonly amount: bigint;
}

/**
 * What of each position is promised. In memory, exact, rebuilt at every start: orders and trades by the market host, everything else by
 * whoever made it (`hold` it again before the service listens). A key belongs to one account and one asset: `deal:<hash>:cash`.
 * Positions come from the read model as of the last projected block.
 */
export interface Reservations {
  /** @throws Problem `position-insufficient` when less than `amount` is free. Reserving more under a key adds to it. */
  reserve(key: string, account: string, asset: string, amount: bigint): Promise<void>;
  /** Without a check: for rebuilding, and for what was checked elsewhere. */
  hold(key: string, account: string, asset: string, amount: bigint): void;
  /** All that the key holds, or `amount` of it. A key that holds nothing is no error: releasing twice releases once. */
  release(key: string, amount?: bigint): void;
  available(account: string, asset: string): Promise<Availability>;
  /**
   * By how much the position, without what is leaving, is smaller than what orders bind of it; zero when it covers them. Trades on their way
   * count for nothing: they may be in the position already, or not.
   */
  shortfall(account: string, asset: string): Promise<bigint>;
  /** What is reserved of an account. */
  list(account: string): ReservationView[];
}

// ----------------------------------------------------------------------------------------------------------- trade desk (H-D)

/** A trade that both sides are bound to: its settlement is accepted with it. */
export interface AgreedTrade {
  /** 0x and 64 digits, the same whenever the trade is made again from the same inputs (`tradeIdOf`). It is its operation's id, too. */
  readonly id: string;
  readonly batch: string;
  readonly mode: TradeMode;
  /** EIP-712 digests of the two orders; for a deal both are the deal's. */
  readonly takerHash: string;
  readonly makerHash: string;
  readonly buyer: string;
  readonly seller: string;
  readonly buyerParticipantId: number;
  readonly sellerParticipantId: number;
  readonly tonnes: number;
  readonly price: number;
  /** Null where nobody came second: deals, auctions. */
  readonly aggressor: MarketSide | null;
  /** Highest fee that each side accepts, in basis points: reserved on top of the price for the buyer. */
  readonly buyerMaximumFee: number;
  readonly sellerMaximumFee: number;
  /** Only for deals: what `Exchange.settleDeals` takes, JSON of `SignedDeal` (see `src/chain/orders.ts`). */
  readonly deal?: object;
  readonly matchedAt: number;
}

/** What became of a trade. Told once, after it is committed. */
export interface TradeFate {
  readonly id: string;
  readonly batch: string;
  readonly mode: TradeMode;
  readonly takerHash: string;
  readonly makerHash: string;
  /** The side that came second; null where nobody did. */
  readonly aggressor: MarketSide | null;
  readonly buyerParticipantId: number;
  readonly sellerParticipantId: number;
  readonly tonnes: bigint;
  readonly price: bigint;
  /** Null when it failed. */
  readonly buyerFee: bigint | null;
  readonly sellerFee: bigint | null;
  readonly status: "settled" | "failed";
  readonly txHash: string | null;
  readonly blockNumber: bigint | null;
  /** Why it failed. */
  readonly problem: JsonObject | null;
}

export interface TradeDesk {
  /**
   * Writes trades and their settlement operations, inside the given transaction. Trades that are there already are left alone.
   * Reserves nothing: that is `agreed`.
   */
  write(trx: Transaction<Database>, trades: readonly AgreedTrade[]): Promise<void>;
  /**
   * After that transaction has committed: holds what the trades need (the seller's tonnes; the buyer's price and highest fee) under
   * `trade:<id>:units` and `trade:<id>:cash` until they are settled or failed, tells the feed, and wakes the settlement lane. Release
   * what was reserved for the deal, bid or order before in the same turn, so that nothing is promised twice, or not at all.
   */
  agreed(trades: readonly AgreedTrade[]): void;
  onFate(listener: (fate: TradeFate) => void): () => void;
}

// ------------------------------------------------------------------------------------------------ orders outside the book (H-D)

/** A signed order as it comes in: JSON of `Order` (see `src/chain/orders.ts`), quantities as decimal strings. */
export interface SignedOrderJson {
  readonly order: {
    readonly account: string;
    readonly batch: string;
    readonly side: MarketSide;
    readonly tonnes: string;
    readonly minimumTonnes: string;
    readonly limitPrice: string;
    readonly maximumFeeBasisPoints: string;
    readonly nonce: string;
    readonly expiresAt: string;
  };
  readonly signature: string;
}

/**
 * For auctions: orders that are judged, reserved and written down like those of the book (mode `auction`), and then belong to the
 * caller until it lets them go.
 */
export interface SealedOrders {
  /**
   * Every check of the book but opening hours and band; the nonce is used up. Durable, in the caller's transaction, when it resolves.
   * @param write Runs in the transaction that writes the order.
   * @returns the order's hash
   * @throws Problem
   */
  admit(
    signed: SignedOrderJson,
    settlesBy: number,
    write: (trx: Transaction<Database>, hash: string) => Promise<void>,
  ): Promise<string>;
  /** The auction is over: what was not allotted is released. Call it after `TradeDesk.agreed`. */
  conclude(hash: string, filledTonnes: number, reason: RemovalReason): Promise<void>;
}

/** Managed custody: the service knows the account's next nonce in the batch and signs with the account's key. */
export interface ManagedOrders {
  /**
   * @param account The participant's only managed account when null.
   * @param nonce The next one when null.
   * @throws Problem `unauthorized`, `forbidden`, `signer-unavailable`, `validation-failed`
   */
  sign(
    principal: Principal,
    account: string | null,
    terms: Omit<SignedOrderJson["order"], "account" | "nonce">,
    nonce: string | null,
  ): Promise<SignedOrderJson>;
}

// --------------------------------------------------------------------------------------------------- who may trade what (H-D)

/** The same for orders, deals and bids; from the read model. */
export interface TradingRights {
  /**
   * What the contracts would refuse about an account and a batch now: no active account, participant suspended or due diligence lapsed,
   * not allowed to trade this kind of instrument, batch paused.
   * @returns the number of the account's participant
   * @throws Problem
   */
  check(account: string, batch: string): Promise<number>;
}
