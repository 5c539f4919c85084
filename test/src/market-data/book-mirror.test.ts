import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { BookDepth, MarketEvent, MarketSide } from "../../../src/market/ports.js";
import { createBookMirror } from "../../../src/market-data/book-mirror.js";

const EMPTY: BookDepth = { seq: 0, bids: [], asks: [] };

const opened = (side: MarketSide, price: number, tonnes: number): MarketEvent => ({
  type: "opened",
  order: "0x",
  side,
  price,
  tonnes,
});
const removed = (side: MarketSide, price: number, tonnes: number): MarketEvent => ({
  type: "removed",
  order: "0x",
  side,
  price,
  tonnes,
  reason: "cancelled",
});
const traded = (aggressor: MarketSide, price: number, tonnes: number, makerLeft: number): MarketEvent => ({
  type: "traded",
  trade: "0x",
  taker: "0x",
  maker: "0x",
  aggressor,
  price,
  tonnes,
  makerLeft,
  mode: "book",
});

describe("the mirror of a book", () => {
  it("should show the best prices first, as many as asked for", () => {
    const mirror = createBookMirror(EMPTY);
    mirror.apply(1, [opened("buy", 10, 1), opened("buy", 12, 2), opened("buy", 11, 3), opened("sell", 15, 4)]);
    mirror.apply(2, [opened("sell", 13, 5), opened("sell", 13, 6)]);
    expect(mirror.depth(2)).toEqual({
      bids: [
        { price: 12, tonnes: 2, orders: 1 },
        { price: 11, tonnes: 3, orders: 1 },
      ],
      asks: [
        { price: 13, tonnes: 11, orders: 2 },
        { price: 15, tonnes: 4, orders: 1 },
      ],
    });
    expect(mirror.depth().bids).toHaveLength(3);
  });

  it("should tell each level that changed once, as it is in the end", () => {
    const mirror = createBookMirror(EMPTY);
    mirror.apply(1, [opened("sell", 10, 5), opened("sell", 10, 5), opened("sell", 11, 5)]);
    const changes = mirror.apply(2, [traded("buy", 10, 5, 0), traded("buy", 10, 2, 3), opened("buy", 9, 1)]);
    expect(changes).toEqual([
      { side: "sell", price: 10, tonnes: 3, orders: 1 },
      { side: "buy", price: 9, tonnes: 1, orders: 1 },
    ]);
    expect(mirror.apply(3, [traded("buy", 10, 3, 0)])).toEqual([{ side: "sell", price: 10, tonnes: 0, orders: 0 }]);
    expect(mirror.depth().asks).toEqual([{ price: 11, tonnes: 5, orders: 1 }]);
  });

  it("should leave the book alone when a trade came about elsewhere", () => {
    const mirror = createBookMirror(EMPTY);
    mirror.apply(1, [opened("sell", 10, 5)]);
    expect(mirror.apply(2, [{ ...traded("buy", 10, 5, 0), mode: "deal" } as MarketEvent])).toEqual([]);
    expect(mirror.depth().asks).toHaveLength(1);
  });

  it("should not count twice what the book that it began with had already", () => {
    const mirror = createBookMirror({ seq: 7, bids: [], asks: [{ price: 10, tonnes: 5, orders: 1 }] });
    expect(mirror.apply(7, [opened("sell", 10, 5)])).toEqual([{ side: "sell", price: 10, tonnes: 5, orders: 1 }]);
    expect(mirror.apply(8, [opened("sell", 10, 1)])).toEqual([{ side: "sell", price: 10, tonnes: 6, orders: 2 }]);
  });

  it("should equal the sum of the orders that stand, whatever comes and goes", () => {
    const step = fc.record({
      side: fc.constantFrom<MarketSide>("buy", "sell"),
      price: fc.integer({ min: 1, max: 9 }),
      tonnes: fc.integer({ min: 1, max: 9 }),
      drop: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const mirror = createBookMirror(EMPTY);
        const standing: { side: MarketSide; price: number; tonnes: number }[] = [];
        for (const [seq, { side, price, tonnes, drop }] of steps.entries()) {
          const gone = drop ? standing.shift() : undefined;
          if (gone !== undefined) mirror.apply(seq + 1, [removed(gone.side, gone.price, gone.tonnes)]);
          else {
            standing.push({ side, price, tonnes });
            mirror.apply(seq + 1, [opened(side, price, tonnes)]);
          }
        }
        const expected = (side: MarketSide) => {
          const levels = Map.groupBy(
            standing.filter((order) => order.side === side),
            ({ price }) => price,
          );
          const rows = [...levels].map(([price, orders]) => ({
            price,
            tonnes: orders.reduce((sum, order) => sum + order.tonnes, 0),
            orders: orders.length,
          }));
          return rows.toSorted((a, b) => (side === "buy" ? b.price - a.price : a.price - b.price));
        };
        expect(mirror.depth()).toEqual({ bids: expected("buy"), asks: expected("sell") });
      }),
    );
  });
});
