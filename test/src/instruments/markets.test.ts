import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { calendarOf } from "../../../src/instruments/calendars.js";
import { bandAt, createMarkets, referenceAt, type MarketDefinition } from "../../../src/instruments/markets.js";

const local = (text: string): number => Date.parse(`${text}:00+07:00`);
const MONDAY = local("2026-06-29T10:00");
const TUESDAY = local("2026-06-30T10:00");
const WEDNESDAY = local("2026-07-01T10:00");

const DEFINITION: MarketDefinition = {
  currency: "VND",
  tick: 100n,
  bandBasisPoints: 1_000,
  referencePrice: 136_000n,
  referenceSetAt: MONDAY,
  calendar: calendarOf("vietnam"),
  state: "open",
  stateReason: null,
  updatedAt: new Date(MONDAY),
};

function marketWith(change: Partial<MarketDefinition> = {}) {
  const markets = createMarkets();
  markets.list("A-1", "credit");
  markets.define("A-1", { ...DEFINITION, ...change });
  return markets;
}

describe("the rules of a market", () => {
  it("should know no instrument that is not listed, or not defined", () => {
    const { rules, list } = createMarkets();
    list("A-1", "credit");
    for (const batch of ["A-1", "A-2"]) {
      expect(rules.instrument(batch)).toBeUndefined();
      expect(rules.refusalOfTime(batch, MONDAY)?.code).toBe("instrument-unknown");
      expect(rules.refusalOfPrice(batch, 100n, MONDAY)?.code).toBe("instrument-unknown");
    }
  });

  it("should not define what is not listed", () => {
    const { rules, define } = createMarkets();
    define("A-1", DEFINITION);
    expect(rules.instrument("A-1")).toBeUndefined();
  });

  it("should tell the instrument", () =>
    expect(marketWith().rules.instrument("A-1")).toEqual({ batch: "A-1", kind: "credit", tick: 100 }));

  describe("when the calendar is closed", () => {
    it("should refuse, and say when it opens", () => {
      const refusal = marketWith().rules.refusalOfTime("A-1", local("2026-06-29T11:30"));
      expect(refusal?.code).toBe("market-closed");
      expect(refusal?.extra).toEqual({ nextOpen: "2026-06-29T06:00:00.000Z" });
    });

    it("should say so when the calendar knows of no opening", () =>
      expect(marketWith().rules.refusalOfTime("A-1", local("2028-01-03T10:00"))?.detail).toContain("extended"));
  });

  describe("when the market is halted", () => {
    it("should refuse with the reason, open or not", () => {
      const { rules } = marketWith({ state: "halted", stateReason: "a rumour" });
      expect(rules.refusalOfTime("A-1", MONDAY)?.code).toBe("market-halted");
      expect(rules.refusalOfTime("A-1", MONDAY)?.detail).toContain("a rumour");
    });
  });

  it("should let orders in when it is open", () =>
    expect(marketWith().rules.refusalOfTime("A-1", MONDAY)).toBeUndefined());

  it.each([
    [122_400n, undefined],
    [149_600n, undefined],
    [122_300n, "price-outside-band"],
    [149_700n, "price-outside-band"],
    [136_050n, "price-off-tick"],
    [0n, "price-off-tick"],
    [-100n, "price-off-tick"],
    [2n ** 200n * 100n, "price-outside-band"],
  ])("should judge the price %s: %s", (price, code) =>
    expect(marketWith().rules.refusalOfPrice("A-1", price, MONDAY)?.code).toBe(code),
  );

  it("should take any price without a band, and while there is no reference", () => {
    for (const change of [{ bandBasisPoints: null }, { referencePrice: null, referenceSetAt: null }]) {
      expect(marketWith(change).rules.refusalOfPrice("A-1", 100n, MONDAY)).toBeUndefined();
    }
  });

  it.each([
    ["2026-06-29T10:00", "2026-06-29T14:45"],
    ["2026-06-29T12:00", "2026-06-29T14:45"],
    ["2026-06-29T14:45", "2026-06-30T14:45"],
    ["2026-06-27T10:00", "2026-06-29T14:45"],
  ])("should end the day of %s at %s", (at, end) =>
    expect(marketWith().rules.endOfDay("A-1", local(at))).toBe(local(end) / 1_000),
  );
});

describe("the reference price", () => {
  const reference = (markets: ReturnType<typeof createMarkets>, at: number) => {
    const { definition, closes } = markets.market("A-1")!;
    return referenceAt(definition!, closes, at);
  };

  it("should be the operator's until a later day than that has a trade behind it", () => {
    const markets = marketWith();
    markets.traded("A-1", { price: 137_000n, at: MONDAY + 1 });
    expect(reference(markets, MONDAY + 2)).toBe(136_000n);
    expect(reference(markets, TUESDAY)).toBe(137_000n);
  });

  it("should be the last price of the latest day before", () => {
    const markets = marketWith();
    markets.traded("A-1", { price: 137_000n, at: MONDAY + 1 });
    markets.traded("A-1", { price: 138_000n, at: MONDAY + 2 });
    markets.traded("A-1", { price: 139_000n, at: TUESDAY });
    markets.traded("A-1", { price: 140_000n, at: TUESDAY + 1 });
    expect(reference(markets, TUESDAY + 2)).toBe(138_000n);
    expect(reference(markets, WEDNESDAY)).toBe(140_000n);
  });

  it("should be what the operator has set since the close", () => {
    const markets = marketWith();
    markets.traded("A-1", { price: 137_000n, at: MONDAY + 1 });
    markets.define("A-1", { ...DEFINITION, referencePrice: 150_000n, referenceSetAt: TUESDAY - 3_600_000 });
    expect(reference(markets, TUESDAY)).toBe(150_000n);
  });

  it("should be laid around with a band that is rounded inwards", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.integer({ min: 1, max: 9_999 }), (price, width) => {
        const definition = { ...DEFINITION, referencePrice: price, bandBasisPoints: width };
        const { low, high } = bandAt(definition, { last: null, before: null }, MONDAY)!;
        const share = price * BigInt(width);
        expect((price - low) * 10_000n <= share && (price - low + 1n) * 10_000n > share).toBe(true);
        expect((high - price) * 10_000n <= share && (high - price + 1n) * 10_000n > share).toBe(true);
      }),
    );
  });
});
