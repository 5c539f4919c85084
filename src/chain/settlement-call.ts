/**
 * The operator's calls of `Exchange.settle` and `Exchange.settleDeals`. Matches travel packed, as `contracts/libraries/PackedMatch.sol`
 * says; deals in the ABI. A general encoder takes about a millisecond an order; this one some microseconds.
 */
import { compileArguments } from "./abi-encoding.js";
import { DEAL_TYPES, type Order, type SignedDeal, type SignedOrder } from "./orders.js";

/** A resting order as far as a match takes it. `price` is per tonne. */
export interface Fill {
  maker: SignedOrder;
  tonnes: bigint;
  price: bigint;
}

/** One order against one or many others of the same batch and the other side: each fill is a trade of its own. */
export interface Match {
  taker: SignedOrder;
  fills: readonly Fill[];
}

/** Selector of `settle(bytes)`. */
const SETTLE = "0xd0322fbf";
/** Selector of `settleDeals(((address,address,uint256,uint64,uint128,uint16,uint48,uint256),bytes,bytes)[])`. */
const SETTLE_DEALS = "0xae119fe9";

const SIGNED_DEAL = [
  { name: "deal", type: "Deal" },
  { name: "sellerSignature", type: "bytes" },
  { name: "buyerSignature", type: "bytes" },
];
const encodeBytes = compileArguments({}, ["bytes"]);
const encodeSignedDeals = compileArguments({ ...DEAL_TYPES, SignedDeal: SIGNED_DEAL }, ["SignedDeal[]"]);

/**
 * The call of `settle`, hex.
 * @throws RangeError where a number does not fit, or a maker's order is of another batch than the taker's, or of the same side.
 */
export function encodeSettle(matches: readonly Match[]): string {
  return SETTLE + encodeBytes(packMatches(matches));
}

/** The call of `settleDeals`, hex. */
export function encodeSettleDeals(deals: readonly SignedDeal[]): string {
  return SETTLE_DEALS + encodeSignedDeals(deals);
}

/** What `settle` takes, hex. */
export function packMatches(matches: readonly Match[]): string {
  return matches.reduce((packed, match) => packed + packMatch(match), "0x");
}

function packMatch({ taker, fills }: Match): string {
  const { batchId, side } = taker.order;
  let packed = digits(batchId, 32) + digits(side, 1) + digits(fills.length, 2) + packOrder(taker);
  for (const { maker, tonnes, price } of fills) {
    if (maker.order.batchId !== batchId) throw new RangeError("The orders of a match are of one batch");
    if (maker.order.side + side !== 1) throw new RangeError("A match is between a buy and a sale");
    packed += digits(tonnes, 8) + digits(price, 16) + packOrder(maker);
  }
  return packed;
}

function packOrder({ order, signature }: SignedOrder): string {
  if (signature.length % 2 !== 0) throw new RangeError("A signature is whole bytes");
  return packTerms(order) + digits((signature.length - 2) >> 1, 2) + signature.slice(2).toLowerCase();
}

function packTerms(order: Order): string {
  if (order.account.length !== 42) throw new RangeError(`Not an address: ${order.account}`);
  return (
    order.account.slice(2).toLowerCase() +
    digits(order.tonnes, 8) +
    digits(order.nonce, 4) +
    digits(order.minimumTonnes, 8) +
    digits(order.limitPrice, 16) +
    digits(order.maximumFeeBasisPoints, 2) +
    digits(order.expiresAt, 6)
  );
}

/** An unsigned number in so many bytes, big-endian. */
function digits(value: bigint | number, bytes: number): string {
  const text = value.toString(16);
  if (value < 0 || text.length > bytes * 2) throw new RangeError(`Not an unsigned number of ${bytes} bytes: ${value}`);
  return text.padStart(bytes * 2, "0");
}
