import { type Interface, solidityPacked } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { SignedOrder } from "../../../src/chain/orders.js";
import { encodeSettle, encodeSettleDeals, type Match, packMatches } from "../../../src/chain/settlement-call.js";
import { Exchange__factory } from "../../../types/ethers-contracts/factories/Exchange__factory.js";
import { arbitraryMatch, arbitrarySignedDeal } from "../../support/arbitrary-orders.js";

const exchange: Interface = Exchange__factory.createInterface();

/** The words of `PackedMatch.sol`, by ethers. */
function packedByEthers(matches: readonly Match[]): string {
  const parts = matches.flatMap(({ taker, fills }) => [
    solidityPacked(["uint256", "uint8", "uint16"], [taker.order.batchId, taker.order.side, fills.length]),
    packedOrder(taker),
    ...fills.flatMap(({ maker, tonnes, price }) => [
      solidityPacked(["uint64", "uint128"], [tonnes, price]),
      packedOrder(maker),
    ]),
  ]);
  return solidityPacked(
    parts.map(() => "bytes"),
    parts,
  );
}

function packedOrder({ order, signature }: SignedOrder): string {
  return solidityPacked(
    ["address", "uint64", "uint32", "uint64", "uint128", "uint16", "uint48", "uint16", "bytes"],
    [
      order.account,
      order.tonnes,
      order.nonce,
      order.minimumTonnes,
      order.limitPrice,
      order.maximumFeeBasisPoints,
      order.expiresAt,
      signature.length / 2 - 1,
      signature,
    ],
  );
}

function sample(): Match {
  const [match] = fc.sample(
    arbitraryMatch.filter(({ fills }) => fills.length > 0),
    { numRuns: 1, seed: 2026 },
  );
  if (match === undefined) throw new Error("No sample");
  return match;
}

describe("encodeSettle", () => {
  it("should be the call that ethers makes of the packed matches", () => {
    fc.assert(
      fc.property(fc.array(arbitraryMatch, { maxLength: 3 }), (matches) => {
        const packed = packedByEthers(matches);
        expect(packMatches(matches)).toBe(packed);
        expect(encodeSettle(matches)).toBe(exchange.encodeFunctionData("settle", [packed]));
      }),
      { numRuns: 150 },
    );
  });

  describe("given a maker that is no counterparty", () => {
    it("should refuse an order of the same side", () => {
      const { taker, fills } = sample();
      const same = fills.map((fill) => ({
        ...fill,
        maker: { ...fill.maker, order: { ...fill.maker.order, side: taker.order.side } },
      }));

      expect(() => encodeSettle([{ taker, fills: same }])).toThrow(RangeError);
    });

    it("should refuse an order of another batch", () => {
      const { taker, fills } = sample();
      const others = fills.map((fill) => ({
        ...fill,
        maker: { ...fill.maker, order: { ...fill.maker.order, batchId: taker.order.batchId ^ 1n } },
      }));

      expect(() => encodeSettle([{ taker, fills: others }])).toThrow(RangeError);
    });
  });

  it.each([
    ["tonnes", 1n << 64n],
    ["nonce", 1n << 32n],
    ["minimumTonnes", -1n],
    ["limitPrice", 1n << 128n],
    ["maximumFeeBasisPoints", 1n << 16n],
    ["expiresAt", 1n << 48n],
    ["account", "0x00"],
  ])("should refuse a %s that does not fit", (field, value) => {
    const { taker, fills } = sample();
    const unfit = { ...taker, order: { ...taker.order, [field]: value } };

    expect(() => encodeSettle([{ taker: unfit, fills }])).toThrow(RangeError);
  });

  it("should refuse half a byte", () => {
    const { taker, fills } = sample();

    expect(() => encodeSettle([{ taker: { ...taker, signature: "0x123" }, fills }])).toThrow(RangeError);
  });
});

describe("encodeSettleDeals", () => {
  it("should be the call that ethers makes", () => {
    fc.assert(
      fc.property(fc.array(arbitrarySignedDeal, { maxLength: 4 }), (deals) => {
        expect(encodeSettleDeals(deals)).toBe(exchange.encodeFunctionData("settleDeals", [deals]));
      }),
      { numRuns: 150 },
    );
  });
});
