import type { OrderJson } from "../chain/orders.js";
import { Problem } from "../errors.js";
import { toInteger } from "../integers.js";
import type { SelfTradePrevention, TimeInForce } from "../matching/types.js";
import type { AcceptedOrder } from "./commands.js";
import { MAX_ORDER_TONNES, MAX_PRICE } from "./money.js";
import type { MarketRules } from "./ports.js";

/** What a firm may say about an order besides what it signs. */
export interface OrderConditions {
  readonly kind: "limit" | "market";
  /** Left out: `gtc` for a limit order, `ioc` for a market order, `fok` for one that selects. */
  readonly timeInForce?: TimeInForce | undefined;
  readonly postOnly: boolean;
  readonly selfTrade: SelfTradePrevention;
  readonly mode: "book" | "put-through";
  /** Hash of the firm order that it takes. */
  readonly selects?: string | undefined;
  readonly session?: string | undefined;
}

export interface IncomingOrder extends OrderConditions {
  readonly order: OrderJson;
  readonly signature: string;
}

/** How long before its expiry an order leaves the book, in seconds: what matches must have the time to settle. */
export const SETTLEMENT_SECONDS = 60;
const LONGEST_LIFE_SECONDS = 366 * 86_400;
const MAX_NONCE = 2n ** 32n - 1n;

/** The order's numbers, once they are known to be small enough. */
export interface OrderNumbers {
  readonly tonnes: number;
  readonly minimumTonnes: number;
  readonly price: number;
  readonly maximumFee: number;
  readonly nonce: number;
  readonly expiresAt: number;
}

/**
 * What follows from the order and the rules of the market alone, in the order in which it is told: instrument, opening hours, tick and
 * band, quantity, conditions, expiry.
 * @throws Problem
 */
export function checkOrder(incoming: IncomingOrder, rules: MarketRules, at: number): OrderNumbers {
  const { order } = incoming;
  if (rules.instrument(order.batch) === undefined)
    throw new Problem("instrument-unknown", `${order.batch} is not traded here.`, { evidence: { batch: order.batch } });
  const closed = rules.refusalOfTime(order.batch, at);
  if (closed !== undefined) throw closed;
  checkPriceRange(order);
  const offBand = rules.refusalOfPrice(order.batch, BigInt(order.limitPrice), at);
  if (offBand !== undefined) throw offBand;
  const numbers = numbersOf(order);
  checkConditions(incoming, numbers);
  checkExpiry(incoming, numbers.expiresAt, rules, at);
  return numbers;
}

/** Of an order outside the book: no opening hours, no band, but the tick. @throws Problem */
export function checkSealedOrder(order: OrderJson, tick: number, settlesBy: number): OrderNumbers {
  checkPriceRange(order);
  if (BigInt(order.limitPrice) % BigInt(tick) !== 0n) {
    throw new Problem("price-off-tick", undefined, { evidence: { price: order.limitPrice, tick: tick.toString() } });
  }
  const numbers = numbersOf(order);
  if (numbers.expiresAt < settlesBy) throw expiryProblem(order.expiresAt, `must not be before ${settlesBy}`);
  return numbers;
}

/** @param fee The highest, in basis points, that its trades may have to pay. @throws Problem `order-fee-too-low` */
export function checkFee({ maximumFeeBasisPoints }: OrderJson, maximumFee: number, fee: number): void {
  if (maximumFee >= fee) return;
  throw new Problem("order-fee-too-low", `The fee is, or will be when it trades, ${fee} basis points.`, {
    evidence: { maximumFeeBasisPoints, feeBasisPoints: fee.toString() },
  });
}

/** That every number is one that can be signed. @throws Problem */
export function checkNumbers(order: OrderJson): void {
  checkPriceRange(order);
  numbersOf(order);
}

function checkPriceRange({ limitPrice }: OrderJson): void {
  const price = BigInt(limitPrice);
  if (price >= 1n && price <= BigInt(MAX_PRICE)) return;
  throw new Problem("order-price-invalid", `The limit price ${limitPrice} is not from 1 to 2^53 - 1.`, {
    evidence: { limitPrice },
  });
}

/** @throws Problem `order-quantity-invalid`, with every digit of what was sent */
function numbersOf(order: OrderJson): OrderNumbers {
  const { tonnes, minimumTonnes, limitPrice, maximumFeeBasisPoints, nonce, expiresAt } = order;
  const wanted = BigInt(tonnes);
  if (wanted < 1n || wanted > BigInt(MAX_ORDER_TONNES) || BigInt(minimumTonnes) > wanted) {
    const detail = `${tonnes} t, at least ${minimumTonnes} t of them at once: tonnes are from 1 to 2^40 - 1, the minimum at most as many.`;
    throw new Problem("order-quantity-invalid", detail, { evidence: { tonnes, minimumTonnes } });
  }
  if (BigInt(nonce) > MAX_NONCE) {
    throw new Problem("order-terms-invalid", `A nonce is below 2^32; this is ${nonce}.`, { evidence: { nonce } });
  }
  if (BigInt(expiresAt) >= 2n ** 48n) throw expiryProblem(expiresAt, "is a Unix time in seconds");
  return {
    tonnes: toInteger(tonnes),
    minimumTonnes: toInteger(minimumTonnes),
    price: toInteger(limitPrice),
    maximumFee: toInteger(maximumFeeBasisPoints),
    nonce: toInteger(nonce),
    expiresAt: toInteger(expiresAt),
  };
}

export function timeInForceOf({ kind, timeInForce, selects }: OrderConditions): TimeInForce {
  if (timeInForce !== undefined) return timeInForce;
  if (selects !== undefined) return "fok";
  return kind === "market" ? "ioc" : "gtc";
}

/** @throws Problem `order-terms-invalid` */
function checkConditions(conditions: IncomingOrder, { tonnes, minimumTonnes }: OrderNumbers): void {
  const { kind, postOnly, mode, selects } = conditions;
  const timeInForce = timeInForceOf(conditions);
  const rests = timeInForce !== "ioc" && timeInForce !== "fok";
  const fault = (): string | undefined => {
    if (kind === "market" && rests) return "A market order is `ioc` or `fok`: it does not rest.";
    if (timeInForce === "fok" && selects === undefined && minimumTonnes !== tonnes)
      return "A fill-or-kill order has a minimum of all its tonnes: so nobody can settle a part of it.";
    if (postOnly && (!rests || minimumTonnes > 0)) return "A post-only order rests, and has no minimum.";
    if (mode === "book") return selects === undefined ? undefined : "Only an order of mode `put-through` selects.";
    if (kind === "market") return "A put-through order has a limit price, not the market's.";
    if (postOnly) return "Post-only is a condition of the book.";
    if (selects === undefined && !rests) return "A firm order stands on the board until it is selected.";
    return undefined;
  };
  const detail = fault();
  if (detail !== undefined) throw new Problem("order-terms-invalid", detail);
}

function checkExpiry(incoming: IncomingOrder, expiresAt: number, rules: MarketRules, at: number): void {
  const now = BigInt(at) / 1_000n;
  const text = incoming.order.expiresAt;
  if (BigInt(expiresAt) < now + BigInt(SETTLEMENT_SECONDS))
    throw expiryProblem(text, `must be at least ${SETTLEMENT_SECONDS} s from now`);
  if (BigInt(expiresAt) > now + BigInt(LONGEST_LIFE_SECONDS))
    throw expiryProblem(text, "must be at most 366 days from now");
  if (timeInForceOf(incoming) !== "day") return;
  const end = rules.endOfDay(incoming.order.batch, at);
  if (expiresAt < end) throw expiryProblem(text, `must not be before the end of the trading day, ${end}`);
}

function expiryProblem(expiresAt: string, rule: string): Problem {
  return new Problem("order-expiry-invalid", `The expiry ${expiresAt} ${rule}.`, { evidence: { expiresAt } });
}

/** The order as it goes into the log. */
export function acceptedOrder(
  incoming: IncomingOrder,
  numbers: OrderNumbers,
  terms: Pick<AcceptedOrder, "hash" | "participantId" | "selects"> & {
    readonly kycExpiresAt: number;
    /** Of the trading day; Unix seconds. Asked for a day order only. */
    readonly endOfDay: () => number;
  },
): AcceptedOrder {
  const { order, signature, postOnly, selfTrade, mode, session } = incoming;
  const { hash, participantId, selects, kycExpiresAt, endOfDay } = terms;
  const timeInForce = timeInForceOf(incoming);
  const lastsUntil = Math.min(numbers.expiresAt, kycExpiresAt) - SETTLEMENT_SECONDS;
  return {
    hash,
    account: order.account,
    participantId,
    batch: order.batch,
    side: order.side,
    type: incoming.kind,
    ...numbers,
    timeInForce,
    postOnly,
    selfTrade,
    mode,
    signature,
    leavesAt: timeInForce === "day" ? Math.min(lastsUntil, endOfDay()) : lastsUntil,
    selects,
    session: session ?? null,
  };
}
