import fc, { type Arbitrary } from "fast-check";

import type { Deal, Order, SignedDeal, SignedOrder } from "../../src/chain/orders.js";
import type { Match } from "../../src/chain/settlement-call.js";
import { address, bytes, uint } from "./arbitrary-intents.js";

const side = fc.integer({ min: 0, max: 1 });
/** Of a key, or of a contract wallet: those can be of any length. */
const signature = fc.oneof(bytes(65), fc.integer({ min: 0, max: 400 }).chain(bytes));

/** Any value that the types allow, sensible or not: what is hashed is not judged. */
export const arbitraryOrder: Arbitrary<Order> = fc.record({
  account: address,
  batchId: uint(256n),
  side,
  tonnes: uint(64n),
  minimumTonnes: uint(64n),
  limitPrice: uint(128n),
  maximumFeeBasisPoints: uint(16n),
  nonce: uint(32n),
  expiresAt: uint(48n),
});

export const arbitraryDeal: Arbitrary<Deal> = fc.record({
  seller: address,
  buyer: address,
  batchId: uint(256n),
  tonnes: uint(64n),
  price: uint(128n),
  maximumFeeBasisPoints: uint(16n),
  expiresAt: uint(48n),
  nonce: uint(256n),
});

export const arbitrarySignedDeal: Arbitrary<SignedDeal> = fc.record({
  deal: arbitraryDeal,
  sellerSignature: signature,
  buyerSignature: signature,
});

/** All makers of the taker's batch, on the other side. */
export const arbitraryMatch: Arbitrary<Match> = fc
  .record({
    taker: fc.record({ order: arbitraryOrder, signature }),
    fills: fc.array(
      fc.record({ maker: fc.record({ order: arbitraryOrder, signature }), tonnes: uint(64n), price: uint(128n) }),
      { maxLength: 4 },
    ),
  })
  .map(({ taker, fills }) => ({
    taker,
    fills: fills.map((fill) => ({ ...fill, maker: opposite(taker, fill.maker) })),
  }));

function opposite(taker: SignedOrder, { order, signature: signed }: SignedOrder): SignedOrder {
  return { order: { ...order, batchId: taker.order.batchId, side: 1 - taker.order.side }, signature: signed };
}
