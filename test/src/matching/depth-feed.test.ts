import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createBook } from "../../../src/matching/book.js";
import { createDepthFeed, type LevelChange } from "../../../src/matching/depth-feed.js";
import type { Depth, Level, Side } from "../../../src/matching/types.js";
import { commandsArbitrary } from "../../support/arbitrary-commands.js";

/** Somebody who had the empty book and sees nothing but the changes. */
function createFollower() {
  const sides: Record<Side, Map<number, Level>> = { buy: new Map(), sell: new Map() };
  return {
    follow(changes: readonly LevelChange[]): void {
      for (const { side, ...level } of changes) {
        if (level.orders === 0) sides[side].delete(level.price);
        else sides[side].set(level.price, level);
      }
    },
    depth: (): Depth => ({
      bids: [...sides.buy.values()].sort((a, b) => b.price - a.price),
      asks: [...sides.sell.values()].sort((a, b) => a.price - b.price),
    }),
  };
}

describe("the depth feed", () => {
  it("should let a follower have the book's depth, however many commands lie between two calls", () => {
    fc.assert(
      fc.property(commandsArbitrary, fc.integer({ min: 1, max: 10 }), (commands, batch) => {
        const book = createBook();
        const feed = createDepthFeed(book);
        const follower = createFollower();
        for (const [index, command] of commands.entries()) {
          book.apply(command, feed.observe);
          if (index % batch !== 0) continue;
          follower.follow(feed.changes());
          expect(follower.depth()).toEqual(book.depth(100));
        }
        follower.follow(feed.changes());
        expect(follower.depth()).toEqual(book.depth(100));
        expect(feed.changes()).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it("should name each touched price once, and say nothing of the put-through board", () => {
    const book = createBook();
    const feed = createDepthFeed(book);
    const order = { kind: "place", type: "limit", owner: 1, side: "buy", price: 100, tonnes: 5 } as const;
    book.apply({ ...order, id: 1 }, feed.observe);
    book.apply({ ...order, id: 2, tonnes: 6 }, feed.observe);
    book.apply({ kind: "offer", id: 3, owner: 1, side: "sell", price: 90, tonnes: 5 }, feed.observe);
    expect(feed.changes()).toEqual([{ side: "buy", price: 100, tonnes: 11, orders: 2 }]);
  });
});
