import { describe, expect, it } from "vitest";

import { createBook } from "../../../src/matching/book.js";
import type { Book, Command, MatchEvent, OfferCommand, SelectCommand } from "../../../src/matching/types.js";

const ANNE = 1;
const BINH = 2;

const offer = (terms: Partial<OfferCommand> = {}): OfferCommand => {
  return { kind: "offer", id: 1, owner: ANNE, side: "sell", price: 100, tonnes: 50, ...terms };
};
const select = (terms: Partial<SelectCommand> = {}): SelectCommand => {
  return { kind: "select", id: 2, owner: BINH, target: 1, side: "buy", price: 100, tonnes: 20, ...terms };
};

function told(book: Book, ...commands: Command[]): MatchEvent[] {
  const events: MatchEvent[] = [];
  for (const command of commands) book.apply(command, (event) => events.push(event));
  return events;
}

function boardWith(...commands: Command[]): Book {
  const book = createBook();
  told(book, ...commands);
  return book;
}

describe("a firm order", () => {
  it("should stand on the board, not in the book", () => {
    const book = createBook();
    expect(told(book, offer())).toEqual([
      { kind: "accepted", id: 1 },
      { kind: "rested", board: "put-through", id: 1, side: "sell", price: 100, tonnes: 50 },
    ]);
    expect(book.depth(5)).toEqual({ bids: [], asks: [] });
    expect(book.orderCount).toBe(1);
    expect(book.order(1)).toMatchObject({ board: "put-through", tonnes: 50, minimumTonnes: 0 });
  });

  it("should not be taken by the book, whatever comes", () => {
    const book = boardWith(offer());
    const events = told(book, { kind: "place", type: "limit", id: 2, owner: BINH, side: "buy", price: 200, tonnes: 5 });
    expect(events.map(({ kind }) => kind)).toEqual(["accepted", "rested"]);
  });

  it("should come off by cancellation", () => {
    expect(told(boardWith(offer()), { kind: "cancel", id: 1 })).toEqual([
      {
        kind: "cancelled",
        board: "put-through",
        id: 1,
        side: "sell",
        price: 100,
        tonnes: 50,
        reason: "requested",
      },
    ]);
  });
});

describe("a selection", () => {
  it("given part of a firm order, should trade at the firm order's price and leave the rest", () => {
    const book = boardWith(offer());
    expect(told(book, select({ price: 120 }))).toEqual([
      { kind: "accepted", id: 2 },
      {
        kind: "traded",
        board: "put-through",
        taker: 2,
        maker: 1,
        side: "buy",
        price: 100,
        tonnes: 20,
        makerLeft: 30,
      },
    ]);
    expect(book.order(1)?.tonnes).toBe(30);
  });

  it("given all of it, should consume it, so that a second selection finds nothing", () => {
    const book = boardWith(offer(), select({ tonnes: 50 }));
    expect(book.orderCount).toBe(0);
    expect(told(book, select({ id: 3, tonnes: 1 }))).toEqual([{ kind: "rejected", id: 3, reason: "order-unknown" }]);
  });

  it("given a minimum, should have to reach it the first time only", () => {
    const book = boardWith(offer({ minimumTonnes: 30 }));
    expect(told(book, select({ tonnes: 29 }))).toEqual([{ kind: "rejected", id: 2, reason: "below-minimum" }]);
    told(book, select({ id: 3, tonnes: 30 }));
    expect(book.order(1)).toMatchObject({ tonnes: 20, minimumTonnes: 0 });
    expect(told(book, select({ id: 4, tonnes: 1 })).map(({ kind }) => kind)).toEqual(["accepted", "traded"]);
  });

  const refused: [string, Partial<SelectCommand>][] = [
    ["order-unknown", { target: 7 }],
    ["side-invalid", { side: "sell" }],
    ["self-trade", { owner: ANNE }],
    ["price-outside-limit", { price: 99 }],
    ["tonnes-unavailable", { tonnes: 51 }],
    ["tonnes-invalid", { tonnes: 0 }],
  ];
  for (const [reason, change] of refused) {
    it(`given ${JSON.stringify(change)}, should be rejected: ${reason}`, () => {
      const book = boardWith(offer());
      expect(told(book, select(change))).toEqual([{ kind: "rejected", id: 2, reason }]);
      expect(book.order(1)?.tonnes).toBe(50);
    });
  }

  it("given an order of the book, should not find it", () => {
    const book = boardWith({ kind: "place", type: "limit", id: 1, owner: ANNE, side: "sell", price: 100, tonnes: 5 });
    expect(told(book, select())).toEqual([{ kind: "rejected", id: 2, reason: "order-unknown" }]);
  });
});
