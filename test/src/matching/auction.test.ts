import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  checkTranscript,
  holdAuction,
  type AuctionTerms,
  type AuctionTranscript,
  type Bid,
} from "../../../src/matching/auction.js";

const hash = (bytes: string): string => `0x${bytesToHex(keccak_256(hexToBytes(bytes.slice(2))))}`;
const word = (number: number): string => `0x${number.toString(16).padStart(64, "0")}`;
const SEED = word(2_026);

const terms = (changes: Partial<AuctionTerms> = {}): AuctionTerms => {
  return { auction: "PRIMARY-1", offeredTonnes: 100n, reservePrice: 50n, seedHash: hash(SEED), ...changes };
};
const bid = (digest: number, price: bigint, tonnes: bigint): Bid => ({ digest: word(digest), price, tonnes });
const hold = (bids: readonly Bid[], changes: Partial<AuctionTerms> = {}) =>
  holdAuction(terms(changes), SEED, bids, hash);
const won = (transcript: AuctionTranscript, digest: number): string | undefined =>
  transcript.bids.find((each) => each.digest === word(digest))?.wonTonnes;

describe("the auction", () => {
  it("given more demand than offer, should clear at the price with which the sum reaches the offer", () => {
    const transcript = hold([bid(1, 70n, 40n), bid(2, 90n, 50n), bid(3, 60n, 30n), bid(4, 55n, 30n)]);
    expect(transcript).toMatchObject({ clearingPrice: "60", voidReason: null, demandedTonnes: "150" });
    expect([2, 1, 3, 4].map((digest) => won(transcript, digest))).toEqual(["50", "40", "10", "0"]);
    expect(transcript.bids.map(({ price }) => price)).toEqual(["90", "70", "60", "55"]);
  });

  it("given bids that reach the offer to the tonne, should clear at the last of them", () => {
    expect(hold([bid(1, 70n, 60n), bid(2, 65n, 40n), bid(3, 60n, 40n)]).clearingPrice).toBe("65");
  });

  it("given equal prices, should take them in the order of the hash of seed and bid", () => {
    const bids = [1, 2, 3, 4, 5].map((digest) => bid(digest, 60n, 40n));
    const transcript = hold(bids);
    const keys = [1, 2, 3, 4, 5].map((digest) => ({ digest, key: hash(SEED + word(digest).slice(2)) }));
    const order = keys.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ digest }) => digest);
    expect(order.map((digest) => won(transcript, digest))).toEqual(["40", "40", "20", "0", "0"]);
    expect(order).not.toEqual([1, 2, 3, 4, 5]);
  });

  it("given too little demand, should be void: undersubscribed", () => {
    const transcript = hold([bid(1, 70n, 60n), bid(2, 65n, 39n)]);
    expect(transcript).toMatchObject({ clearingPrice: null, voidReason: "undersubscribed" });
    expect(transcript.bids.map(({ wonTonnes }) => wonTonnes)).toEqual(["0", "0"]);
    expect(hold([]).voidReason).toBe("undersubscribed");
  });

  it("given a clearing price below the reserve, should be void; at the reserve, it should clear", () => {
    expect(hold([bid(1, 70n, 60n), bid(2, 49n, 40n)])).toMatchObject({
      clearingPrice: null,
      voidReason: "below-reserve",
    });
    expect(hold([bid(1, 70n, 60n), bid(2, 50n, 40n)]).clearingPrice).toBe("50");
  });

  it("given what no auction can be made of, should refuse", () => {
    const good = [bid(1, 70n, 60n)];
    expect(() => hold(good, { offeredTonnes: 0n })).toThrow("terms-invalid");
    expect(() => hold(good, { reservePrice: -1n })).toThrow("terms-invalid");
    expect(() => holdAuction(terms(), "0x12", good, hash)).toThrow("seed-invalid");
    expect(() => holdAuction(terms(), word(1), good, hash)).toThrow("seed-not-committed");
    expect(() => hold([bid(1, 0n, 60n)])).toThrow("bid-invalid");
    expect(() => hold([bid(1, 70n, 0n)])).toThrow("bid-invalid");
    expect(() => hold([{ ...bid(1, 70n, 60n), digest: word(10).toUpperCase() }])).toThrow("bid-invalid");
    expect(() => hold([...good, bid(1, 80n, 60n)])).toThrow("bid-twice");
  });
});

const bidsArbitrary = fc
  .array(fc.record({ price: fc.bigInt({ min: 1n, max: 12n }), tonnes: fc.bigInt({ min: 1n, max: 60n }) }), {
    maxLength: 30,
    size: "max",
  })
  .map((bids) => bids.map((each, index) => ({ ...each, digest: word(index + 1) })));
const caseArbitrary = fc.record({
  bids: bidsArbitrary,
  offeredTonnes: fc.bigInt({ min: 1n, max: 400n }),
  reservePrice: fc.bigInt({ min: 0n, max: 6n }),
});
type Case = typeof caseArbitrary extends fc.Arbitrary<infer T> ? T : never;

function everyAuction(look: (transcript: AuctionTranscript, given: Case) => void): void {
  fc.assert(
    fc.property(caseArbitrary, (given) => {
      const { bids, offeredTonnes, reservePrice } = given;
      look(hold(bids, { offeredTonnes, reservePrice }), given);
    }),
    { numRuns: 300 },
  );
}

describe("the auction, whatever is bid", () => {
  it("should sell exactly the offer, or nothing", () => {
    everyAuction((transcript, { offeredTonnes }) => {
      const sold = transcript.bids.reduce((sum, { wonTonnes }) => sum + BigInt(wonTonnes), 0n);
      expect(sold).toBe(transcript.clearingPrice === null ? 0n : offeredTonnes);
    });
  });

  it("should give whoever bid more than the price all, whoever bid less nothing, and at the price one at most a part", () => {
    everyAuction(({ bids, clearingPrice }) => {
      if (clearingPrice === null) return;
      const price = BigInt(clearingPrice);
      for (const each of bids) {
        if (BigInt(each.price) > price) expect(each.wonTonnes).toBe(each.tonnes);
        if (BigInt(each.price) < price) expect(each.wonTonnes).toBe("0");
      }
      const parts = bids.filter(({ tonnes, wonTonnes }) => wonTonnes !== "0" && wonTonnes !== tonnes);
      expect(parts.length).toBeLessThanOrEqual(1);
    });
  });

  it("should clear at the highest price at which the demand reaches the offer, and be void exactly as the rules say", () => {
    everyAuction(({ clearingPrice, voidReason }, { bids, offeredTonnes, reservePrice }) => {
      const demandAt = (price: bigint) =>
        bids.reduce((sum, each) => (each.price >= price ? sum + each.tonnes : sum), 0n);
      const prices = bids.map(({ price }) => price).filter((price) => demandAt(price) >= offeredTonnes);
      const highest = prices.reduce((most, price) => (price > most ? price : most), 0n);
      if (prices.length === 0) expect(voidReason).toBe("undersubscribed");
      else if (highest < reservePrice) expect(voidReason).toBe("below-reserve");
      else expect(clearingPrice).toBe(highest.toString());
    });
  });

  it("should not depend on the order in which the bids came", () => {
    fc.assert(
      fc.property(
        bidsArbitrary.chain((bids) =>
          fc.tuple(fc.constant(bids), fc.shuffledSubarray(bids, { minLength: bids.length })),
        ),
        ([bids, shuffled]) => {
          expect(hold(shuffled)).toEqual(hold(bids));
        },
      ),
      { numRuns: 100 },
    );
  });

  it("should leave a transcript that holds, as JSON too", () => {
    everyAuction((transcript) => {
      expect(checkTranscript(JSON.parse(JSON.stringify(transcript)) as AuctionTranscript, hash)).toEqual([]);
    });
  });
});

describe("a transcript that was altered", () => {
  const right = hold([bid(1, 70n, 40n), bid(2, 90n, 50n), bid(3, 60n, 30n), bid(4, 60n, 30n)]);
  const [first, second, ...others] = right.bids as [AuctionTranscript["bids"][0], AuctionTranscript["bids"][0]];
  const cases: [string, Partial<AuctionTranscript>][] = [
    ["clearing-wrong", { clearingPrice: "70" }],
    ["clearing-wrong", { clearingPrice: null, voidReason: "undersubscribed" }],
    ["demand-wrong", { demandedTonnes: "151" }],
    ["order-wrong", { bids: [second, first, ...others] }],
    ["tie-key-wrong", { bids: [{ ...first, tieKey: word(0) }, second, ...others] }],
    ["allocation-wrong", { bids: [{ ...first, wonTonnes: "49" }, second, ...others] }],
    ["clearing-wrong", { bids: [{ ...first, tonnes: "500" }, second, ...others] }],
    ["bid-twice", { bids: [first, first, ...others] }],
    ["bid-invalid", { bids: [{ ...first, price: "0x5a" }, second, ...others] }],
    ["seed-not-committed", { seed: word(5) }],
    ["seed-not-committed", { seedHash: word(5) }],
    ["seed-invalid", { seed: "seed" }],
    ["terms-invalid", { offeredTonnes: "1e2" }],
    ["clearing-wrong", { reservePrice: "80" }],
    ["version-unknown", { version: 2 as unknown as 1 }],
  ];
  for (const [fault, change] of cases) {
    it(`given another ${Object.keys(change).join(", ")}, should be found out: ${fault}`, () => {
      expect(checkTranscript(right, hash)).toEqual([]);
      expect(checkTranscript({ ...right, ...change }, hash)).toContain(fault);
    });
  }
});
