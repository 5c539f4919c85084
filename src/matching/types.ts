/**
 * The words of the matching core. Commands go in, events come out; the same commands always give the same events. The core knows no clock,
 * no firm and no money: time runs out by `cancel` commands, owners are numbers, products of price and tonnes belong to the host.
 *
 * Every number is a safe integer. Prices are in minor units of the settlement currency per tonne.
 */

export type Side = "buy" | "sell";

/** For the core "gtc", "day" and "gtd" are one: they rest until somebody cancels them. "ioc" and "fok" never rest. */
export type TimeInForce = "gtc" | "day" | "gtd" | "ioc" | "fok";

/** A market order is an "ioc" or "fok" order; its price is the protective limit. */
export type OrderType = "limit" | "market";

/** What happens when an incoming order meets a resting one of the same owner. The incoming order decides. */
export type SelfTradePrevention = "cancel-incoming" | "cancel-resting" | "cancel-both";

/** The continuous book, or the board of firm orders that only a `select` can take. They never trade with each other. */
export type Board = "book" | "put-through";

/** The most that one order may have: a trillion tonnes, so that sums stay far from the end of the safe integers. */
export const MAX_TONNES = 2 ** 40;

/** The most that may stand in one book at once. */
export const MAX_ORDERS = 2 ** 24;

/**
 * An order for the book. What is not given: no minimum, "gtc", not post-only, "cancel-incoming".
 *
 * A minimum is a condition of entry: the order trades at least that much at once, or it is cancelled whole and nothing trades. So no resting
 * order has an unmet minimum, the book is never crossed, and the first settlement of an order with a minimum is the one of its entry.
 */
export interface PlaceCommand {
  readonly kind: "place";
  /** The host's log sequence: higher than every id before it. Lower is earlier, in time priority too. */
  readonly id: number;
  /** The participant, for self-trade prevention and mass cancellation. */
  readonly owner: number;
  readonly type: OrderType;
  readonly side: Side;
  /** The highest price of a buy, the lowest of a sale. */
  readonly price: number;
  readonly tonnes: number;
  readonly minimumTonnes?: number;
  readonly timeInForce?: TimeInForce;
  /** Cancelled whole if it could trade at once. Only for orders that may rest, without a minimum. */
  readonly postOnly?: boolean;
  readonly selfTradePrevention?: SelfTradePrevention;
}

/** A firm order for the put-through board. The first `select` of it takes at least `minimumTonnes` (all of it: `minimumTonnes = tonnes`). */
export interface OfferCommand {
  readonly kind: "offer";
  readonly id: number;
  readonly owner: number;
  readonly side: Side;
  readonly price: number;
  readonly tonnes: number;
  readonly minimumTonnes?: number;
}

/** An order that takes one firm order, in whole or in part, at the firm order's price. It fills whole or is rejected. */
export interface SelectCommand {
  readonly kind: "select";
  readonly id: number;
  readonly owner: number;
  /** The firm order. */
  readonly target: number;
  /** The selecting order's own side and limit: must be the other side, and not worse than the firm order's price. */
  readonly side: Side;
  readonly price: number;
  readonly tonnes: number;
}

/** Takes one order off either board. */
export interface CancelCommand {
  readonly kind: "cancel";
  readonly id: number;
  /** Handed on to the event. "requested" when not given. */
  readonly reason?: HostReason;
}

/** Takes all orders of one owner off both boards: of one side, or of both. */
export interface CancelOwnerCommand {
  readonly kind: "cancel-owner";
  readonly owner: number;
  readonly side?: Side;
  /** "requested" when not given. */
  readonly reason?: HostReason;
}

export type Command = PlaceCommand | OfferCommand | SelectCommand | CancelCommand | CancelOwnerCommand;

/** Why the host took an order off: its owner asked, its time ran out, its owner may not trade any more or lost the means to settle. */
export type HostReason = "requested" | "expired" | "suspended" | "unfunded";

export type CancelReason =
  | HostReason
  /** An "ioc" or market order: what it could not trade at once. */
  | "immediate"
  /** A "fok" order that could not trade whole. */
  | "fill-or-kill"
  | "minimum-not-reached"
  | "post-only"
  | "self-trade"
  /** The book can hold no more orders, or the price no more tonnes. */
  | "book-full";

export type RejectReason =
  /** Not higher than every id before it. */
  | "id-invalid"
  | "owner-invalid"
  | "price-invalid"
  | "tonnes-invalid"
  /** Above `tonnes`. */
  | "minimum-invalid"
  /** A market order that rests; post-only that never rests or has a minimum. */
  | "combination-invalid"
  /** No such order (any more). */
  | "order-unknown"
  /** The selecting order is on the firm order's side. */
  | "side-invalid"
  | "price-outside-limit"
  /** More than is left of the firm order. */
  | "tonnes-unavailable"
  | "below-minimum"
  | "self-trade";

/** The order exists: its tonnes are from now on traded, cancelled or on a board, and the sum of the three never changes. */
export interface AcceptedEvent {
  readonly kind: "accepted";
  readonly id: number;
}

/** One trade, at the maker's price. */
export interface TradedEvent {
  readonly kind: "traded";
  readonly board: Board;
  readonly taker: number;
  readonly maker: number;
  /** The taker's. */
  readonly side: Side;
  readonly price: number;
  readonly tonnes: number;
  /** What is left of the maker on its board; at 0 it has gone. */
  readonly makerLeft: number;
}

/** What is left of the order now stands on its board. */
export interface RestedEvent {
  readonly kind: "rested";
  readonly board: Board;
  readonly id: number;
  readonly side: Side;
  readonly price: number;
  readonly tonnes: number;
}

/** What was left of the order is gone. */
export interface CancelledEvent {
  readonly kind: "cancelled";
  /** Where the order stood; null: it had not come to rest. */
  readonly board: Board | null;
  readonly id: number;
  readonly side: Side;
  readonly price: number;
  /** What was left of it. */
  readonly tonnes: number;
  readonly reason: CancelReason;
}

/** The command had no effect, except that the id of an order is used up. */
export interface RejectedEvent {
  readonly kind: "rejected";
  /** The order's id; of a `cancel`, the id that it named. */
  readonly id: number;
  readonly reason: RejectReason;
}

/** A `place` gives: accepted, traded and cancelled (resting orders of the same owner) as they happen, then at most one of rested, cancelled. */
export type MatchEvent = AcceptedEvent | TradedEvent | RestedEvent | CancelledEvent | RejectedEvent;

export type Emit = (event: MatchEvent) => void;

/** One price of one side of the book. */
export interface Level {
  readonly price: number;
  readonly tonnes: number;
  readonly orders: number;
}

export interface Depth {
  /** Best first: the highest. */
  readonly bids: readonly Level[];
  /** Best first: the lowest. */
  readonly asks: readonly Level[];
}

/** An order as it stands on a board. */
export interface StandingOrder {
  readonly id: number;
  readonly board: Board;
  readonly owner: number;
  readonly side: Side;
  readonly price: number;
  /** What is left of it. */
  readonly tonnes: number;
  /** Of a firm order that nobody has selected yet; 0 otherwise. */
  readonly minimumTonnes: number;
}

/** Plain JSON. A book restored from it answers every further command as the original does, event for event. */
export interface BookSnapshot {
  readonly version: 1;
  readonly lastId: number;
  /** Both boards together, by id. */
  readonly orders: readonly StandingOrder[];
}

/** The book and the put-through board of one instrument. */
export interface Book {
  /** Total: what cannot be done is rejected, nothing throws. `emit` must neither throw nor call the book. */
  apply(command: Command, emit: Emit): void;
  /** The best `limit` prices of both sides of the book (not of the put-through board). */
  depth(limit: number): Depth;
  /** One price of the book; zeros where nobody stands. */
  level(side: Side, price: number): Level;
  order(id: number): StandingOrder | undefined;
  /** On both boards together. */
  readonly orderCount: number;
  snapshot(): BookSnapshot;
}
